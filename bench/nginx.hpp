#pragma once
// The rival for reads: nginx with one worker over files of given sizes, on loopback.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace landglass::bench {

// `port` is 0 where it does not start.
struct Nginx {
  explicit Nginx(const std::vector<std::pair<std::string, std::string>>& files) {
    namespace fs = std::filesystem;
    folder = fs::temp_directory_path() / ("lg-nginx-" + std::to_string(::getpid()));
    fs::create_directories(folder / "www");
    for (const auto& [name, bytes] : files) std::ofstream(folder / "www" / name, std::ios::binary) << bytes;
    fs::permissions(folder, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec | fs::perms::others_read);
    for (std::uint16_t candidate = 18'480; candidate < 18'490 && port == 0; ++candidate) {
      const auto at = folder.string();
      std::ofstream(folder / "nginx.conf")
          << "daemon off; worker_processes 1; pid " << at << "/pid; error_log /dev/null;\n"
          << "events { worker_connections 4096; }\nhttp { access_log off; keepalive_requests 100000000; root " << at
          << "/www; client_body_temp_path " << at << "/b; proxy_temp_path " << at << "/p; fastcgi_temp_path " << at
          << "/f; uwsgi_temp_path " << at << "/u; scgi_temp_path " << at << "/s;\n open_file_cache max=100;\n"
          << "server { listen 127.0.0.1:" << candidate << "; } }\n";
      process = ::fork();
      if (process == 0) {
        const auto conf = (folder / "nginx.conf").string();
        ::execlp("nginx", "nginx", "-p", folder.c_str(), "-c", conf.c_str(), nullptr);
        ::_exit(127);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      int status = 0;
      if (::waitpid(process, &status, WNOHANG) == 0) port = candidate;
    }
  }
  ~Nginx() {
    if (port != 0) {
      ::kill(process, SIGTERM);
      ::waitpid(process, nullptr, 0);
    }
    std::filesystem::remove_all(folder);
  }
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;
  std::filesystem::path folder;
  pid_t process = 0;
  std::uint16_t port = 0;
};

}  // namespace landglass::bench
