#pragma once
// The rival: a PostgreSQL 15 of our own, made for the run, on a socket in its own folder, never as root. Where `delay_us` is
// given, bench/slow_sync is laid under it, so that each fsync and fdatasync takes that much longer, as in our own store.

#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "callers.hpp"

namespace landglass::bench {

class Postgres {
 public:
  Postgres(const std::string& folder, int delay_us, const std::string& slow_sync) : folder_(folder) {
    namespace fs = std::filesystem;
    const auto bin = programs();
    if (bin.empty()) return;
    // The loader passes over a library that it does not find, and the rival would stand on the faster disk.
    if (delay_us > 0 && !fs::exists(slow_sync)) {
      std::fprintf(stderr, "bench: %s is not built: no rival on the slower disk\n", slow_sync.c_str());
      return;
    }
    fs::create_directories(folder_);
    if (::getuid() == 0) {
      const auto* user = ::getpwnam("postgres");
      if (user == nullptr) return;
      uid_ = user->pw_uid;
      gid_ = user->pw_gid;
      if (::chown(folder_.c_str(), uid_, gid_) != 0) return;
    }
    const auto data = folder_ + "/data";
    if (finish(start({bin + "/initdb", "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-locale"}, {})) != 0)
      return;
    std::vector<std::string> environment;
    if (delay_us > 0) environment = {"LD_PRELOAD=" + slow_sync, "LG_SLOW_SYNC_US=" + std::to_string(delay_us)};
    server_ = start({bin + "/postgres", "-D", data, "-k", folder_, "-c", "listen_addresses=", "-c", "synchronous_commit=on",
                     "-c", "fsync=on", "-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB", "-c", "max_connections=64"},
                    environment);
    for (int i = 0; i < 200 && !ready_; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      auto* connection = PQconnectdb(target().c_str());
      ready_ = PQstatus(connection) == CONNECTION_OK;
      PQfinish(connection);
    }
  }
  ~Postgres() {
    if (server_ > 0) {
      ::kill(server_, SIGINT);  // fast shutdown
      finish(server_);
    }
    std::filesystem::remove_all(folder_);
  }
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;
  bool ready() const { return ready_; }
  std::string target() const {
    return "host=" + folder_ + " user=bench dbname=postgres options='-c client_min_messages=warning'";
  }

 private:
  static std::string programs() {
    const std::string bin = "/usr/lib/postgresql/15/bin";
    return std::filesystem::exists(bin + "/initdb") ? bin : std::string();
  }
  pid_t start(const std::vector<std::string>& words, const std::vector<std::string>& environment) {
    const auto child = ::fork();
    if (child != 0) return child;
    if (uid_ != 0 && (::setgroups(0, nullptr) != 0 || ::setgid(gid_) != 0 || ::setuid(uid_) != 0)) ::_exit(126);
    if (::chdir(folder_.c_str()) != 0) ::_exit(126);
    for (const auto& one : environment) ::putenv(const_cast<char*>(one.c_str()));
    const auto out = ::open("/dev/null", O_WRONLY);
    ::dup2(out, 1);
    ::dup2(out, 2);
    std::vector<char*> argv;
    for (const auto& one : words) argv.push_back(const_cast<char*>(one.c_str()));
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  static int finish(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string folder_;
  uid_t uid_ = 0;
  gid_t gid_ = 0;
  pid_t server_ = 0;
  bool ready_ = false;
};

// What one writes without thinking of the hot row: lock the lot, put the bid, commit; with `update` the lot's price is kept
// too, which a real one would have to. Prepared, one connection a client.
inline Called postgres_bids(const Postgres& cluster, std::size_t clients, double seconds, bool update) {
  const auto connect = [&] {
    auto* made = PQconnectdb(cluster.target().c_str());
    if (PQstatus(made) != CONNECTION_OK) {
      std::fprintf(stderr, "bench: postgres: %s\n", PQerrorMessage(made));
      std::exit(1);
    }
    return made;
  };
  const auto run = [](PGconn* on, const char* sql) {
    auto* result = PQexec(on, sql);
    const auto status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      std::fprintf(stderr, "bench: postgres: %s", PQerrorMessage(on));
      std::exit(1);
    }
    PQclear(result);
  };
  auto* setup = connect();
  run(setup, "drop table if exists bid; drop table if exists lot");
  run(setup, "create table lot (id bigint primary key, price bigint not null)");
  run(setup,
      "create table bid (id bigserial primary key, lot bigint not null, plate integer not null, counter bigint not null, "
      "price bigint not null, signature bytea not null, made timestamptz not null default now())");
  run(setup, "insert into lot values (1, 100)");
  PQfinish(setup);
  std::vector<Called> parts(clients);
  std::vector<std::thread> threads;
  std::atomic<std::int64_t> price{100};
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < clients; ++i) {
    threads.emplace_back([&, i] {
      auto* on = connect();
      run(on, "prepare take as select price from lot where id = 1 for update");
      run(on, "prepare put as insert into bid (lot, plate, counter, price, signature) values (1, $1, $2, $3, $4)");
      run(on, "prepare keep as update lot set price = $1 where id = 1");
      const std::string signature = "\\x" + std::string(128, 'a');
      std::int64_t counter = 0;
      auto& part = parts[i];
      while (std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() < seconds) {
        const auto sent = std::chrono::steady_clock::now();
        run(on, "begin");
        run(on, "execute take");
        const auto plate = std::to_string(i), number = std::to_string(++counter), amount = std::to_string(++price);
        const char* values[] = {plate.c_str(), number.c_str(), amount.c_str(), signature.c_str()};
        auto* put = PQexecPrepared(on, "put", 4, values, nullptr, nullptr, 0);
        if (PQresultStatus(put) != PGRES_COMMAND_OK) {
          std::fprintf(stderr, "bench: postgres: %s", PQerrorMessage(on));
          std::exit(1);
        }
        PQclear(put);
        if (update) {
          const char* prices[] = {amount.c_str()};
          PQclear(PQexecPrepared(on, "keep", 1, prices, nullptr, nullptr, 0));
        }
        run(on, "commit");
        part.latencies.add(
            std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - sent).count());
        ++part.taken;
      }
      PQfinish(on);
    });
  }
  for (auto& thread : threads) thread.join();
  Called total;
  total.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  for (const auto& part : parts) {
    total.taken += part.taken;
    total.latencies.merge(part.latencies);
  }
  return total;
}

}  // namespace landglass::bench
