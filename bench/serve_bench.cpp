// The program as it is served, in a process of its own, and the load on the same cores: bids over HTTP keep-alive, signed
// beforehand and verified (P-256) on the way in, beside the rival's row lock; and public reads beside nginx serving files of
// the same size.
//   serve_bench [seconds per cell] [--bids]       --bids: no reads. Under LD_PRELOAD=libslow_sync.so and
//   LG_SLOW_SYNC_US=5000 the program and its rival both stand on the slower disk.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <fstream>

#include "callers.hpp"
#include "cli/serve.hpp"
#include "nginx.hpp"
#include "print.hpp"
#ifdef LG_HAS_LIBPQ
#include "postgres.hpp"
#endif

using namespace landglass;
using namespace landglass::bench;

namespace {

constexpr std::size_t k_clients = 64;

// Serves the field's folder; tells its port and a token for each plate through a pipe.
struct Served {
  explicit Served(const Field& field) {
    int pipe_ends[2];
    if (::pipe(pipe_ends) != 0) std::exit(1);
    process = ::fork();
    if (process == 0) {
      ::close(pipe_ends[0]);
      const int quiet = ::open("/dev/null", O_WRONLY);
      ::dup2(quiet, 1);
      cli::HouseOptions house;
      house.folder = field.folder + "/data";
      house.keys = field.folder + "/keys";
      house.origin = k_origin;
      house.port = 0;
      house.paced = false;
      house.access_log = false;  // a line a request would go to the terminal, which is no part of what is measured
      const int code = cli::serve(house, [&](cli::Core&, web::Accounts& accounts, std::uint16_t at) {
        std::string told = std::to_string(at) + "\n";
        for (std::size_t i = 0; i < field.plates.size(); ++i) {
          const auto login = "bench-" + std::to_string(i);
          must(accounts.create(login, "measured, not guessed", field.plates[i].party));
          told += must(accounts.sessions().issue_token(login, "bench", {"act"}, base::SystemClock().now() + base::k_hour)) +
                  "\n";
        }
        told += ".\n";
        if (::write(pipe_ends[1], told.data(), told.size()) < 0) ::_exit(1);
      });
      ::_exit(code);
    }
    ::close(pipe_ends[1]);
    std::string told;
    char bytes[4096];
    for (ssize_t count = 0; !told.ends_with(".\n") && (count = ::read(pipe_ends[0], bytes, sizeof bytes)) > 0;)
      told.append(bytes, static_cast<std::size_t>(count));
    ::close(pipe_ends[0]);
    std::size_t at = told.find('\n');
    port = static_cast<std::uint16_t>(std::atoi(told.substr(0, at).c_str()));
    while (at + 1 < told.size()) {
      const auto end = told.find('\n', at + 1);
      if (told[at + 1] != '.') tokens.push_back(told.substr(at + 1, end - at - 1));
      at = end;
    }
  }
  ~Served() {
    ::kill(process, SIGTERM);
    ::waitpid(process, nullptr, 0);
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  pid_t process = 0;
  std::uint16_t port = 0;
  std::vector<std::string> tokens;
};

// What a connection has to send: for each of its rungs a whole request. Rung m of plate p is the price (m · plates + p)
// steps up, so that whichever order the answers let them go in, the next one sent can be higher than all before.
class Bids {
 public:
  Bids(const Field& field, const Served& served, std::size_t rungs) : requests_(field.plates.size()) {
    for (std::size_t plate = 0; plate < field.plates.size(); ++plate) {
      const auto& by = field.plates[plate];
      const auto key = base::to_base64url(by.key.public_key());
      for (std::size_t rung = 0; rung < rungs; ++rung) {
        const auto price = price_of(field, rung, plate);
        const auto counter = static_cast<std::int64_t>(rung + 1);
        const auto signature = by.key.sign(base::as_bytes(bid_message(field, plate, counter, price)));
        const auto body = base::canonical(
            base::Json(base::JsonObject{{"lot", field.lot},
                                        {"plate", by.number},
                                        {"counter", counter},
                                        {"price", base::money_text({price})},
                                        {"rule_sheet", field.rule_sheet},
                                        {"sig", base::JsonObject{{"key", key}, {"bytes", base::to_base64url(signature)}}}}));
        requests_[plate].push_back("POST /bids/" + field.lot.substr(field.lot.find('/') + 1) +
                                   " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + served.tokens[plate] +
                                   "\r\nAccept: application/json\r\nContent-Type: application/json\r\nContent-Length: " +
                                   std::to_string(body.size()) + "\r\n\r\n" + body);
      }
    }
    next_.assign(field.plates.size(), 0);
  }
  std::string_view next(std::size_t plate) {
    const auto plates = static_cast<std::int64_t>(requests_.size());
    auto& rung = next_[plate];
    while (rung < requests_[plate].size() &&
           static_cast<std::int64_t>(rung) * plates + static_cast<std::int64_t>(plate) <= highest_)
      ++rung;
    if (rung == requests_[plate].size()) return {};
    highest_ = static_cast<std::int64_t>(rung) * plates + static_cast<std::int64_t>(plate);
    return requests_[plate][rung++];
  }

 private:
  static std::int64_t price_of(const Field& field, std::size_t rung, std::size_t plate) {
    return field.start_fen + static_cast<std::int64_t>(rung * field.plates.size() + plate) * field.step_fen;
  }
  std::vector<std::vector<std::string>> requests_;
  std::vector<std::size_t> next_;
  std::int64_t highest_ = -1;
};

void measure_bids(const Field& field, const Served& served, double seconds) {
  Rival rival;
#ifdef LG_HAS_LIBPQ
  {
    const Postgres cluster(place("pg-http"), 0, "");
    if (cluster.ready()) {
      postgres_bids(cluster, 16, seconds / 4, false);
      const auto theirs = postgres_bids(cluster, 16, seconds, false);
      rival = {"PostgreSQL 15, row lock, 16 clients", theirs.per_second(), theirs.latencies.ms(0.99)};
    }
  }
#endif
  Bids bids(field, served, static_cast<std::size_t>(seconds * 1'600) + 400);
  Load load;
  load.port = served.port;
  load.connections = k_clients;
  load.request = [&](std::size_t connection, std::size_t) { return bids.next(connection); };
  load.longest_ms = static_cast<std::int64_t>(seconds * 250);
  run_load(load);  // warm
  load.longest_ms = static_cast<std::int64_t>(seconds * 1'000);
  const auto ours = run_load(load);
  const auto refused = ours.not_2xx + ours.broken;
  const bool slower = std::getenv("LG_SLOW_SYNC_US") != nullptr;
  print({std::string("bids on one lot, HTTP keep-alive, P-256 verified, 64 connections") + (slower ? ", fsync + 5 ms" : ""),
         ours.seconds > 0 ? static_cast<double>(ours.answers - ours.not_2xx) / ours.seconds : 0, "/s",
         ours.latencies.ms(0.5), ours.latencies.ms(0.99), refused, rival, 4, slower ? 0.0 : 20.0, 0, 0});
}

Loaded get(std::uint16_t port, const std::string& path, double seconds, std::string* body = nullptr) {
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n";
  Load load;
  load.port = port;
  load.connections = k_clients;
  load.request = [&](std::size_t, std::size_t) { return std::string_view(request); };
  if (body != nullptr) {
    load.connections = 1;
    load.longest_ms = 2'000;
    load.request = [&](std::size_t, std::size_t n) { return n == 0 ? std::string_view(request) : std::string_view(); };
    load.answered = [&](std::size_t, std::size_t, std::string_view answer) {
      *body = answer.substr(answer.find("\r\n\r\n") + 4);
    };
    return run_load(load);
  }
  load.longest_ms = static_cast<std::int64_t>(seconds * 200);
  run_load(load);
  load.longest_ms = static_cast<std::int64_t>(seconds * 1'000);
  return run_load(load);
}

void measure_reads(const Field& field, const Served& served, std::uint64_t leaf, double seconds) {
  const std::pair<const char*, std::string> reads[] = {
      {"certificate, its leaf with proof and checkpoint", "/receipt/" + std::to_string(leaf)},
      {"certificate, record with proof", "/api/records/" + field.certificate},
      {"tile of 256 hashes", "/tile/0/000"},
      {"bundle of leaves", "/tile/entries/000"}};
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& [name, path] : reads) {
    std::string body;
    const auto once = get(served.port, path, 0, &body);
    if (once.not_2xx > 0 || body.empty()) {
      std::fprintf(stderr, "bench: %s does not answer\n", path.c_str());
      std::exit(1);
    }
    files.emplace_back("f" + std::to_string(files.size()), std::move(body));
  }
  const Nginx nginx(files);
  for (std::size_t i = 0; i < std::size(reads); ++i) {
    const auto ours = get(served.port, reads[i].second, seconds);
    Rival rival;
    if (nginx.port != 0) {
      const auto theirs = get(nginx.port, "/" + files[i].first, seconds);
      rival = {"nginx, a file of " + std::to_string(files[i].second.size()) + " B", theirs.per_second(),
               theirs.latencies.ms(0.99)};
    }
    print({std::string("read: ") + reads[i].first, ours.per_second(), "/s", ours.latencies.ms(0.5), ours.latencies.ms(0.99),
           ours.not_2xx + ours.broken, rival, 0.5, 0, 0, 0});
  }
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 && std::atof(argv[1]) > 0 ? std::atof(argv[1]) : 6;
  const bool bids_alone = argc > 2 && std::string_view(argv[2]) == "--bids";
  const auto field = make_field(place("served"), k_clients, true);
  std::uint64_t leaf = 0;
  {
    base::SystemClock clock;
    base::SystemRandom random;
    auto open = bench::open(field.folder, clock, random, false, false);
    open.engine->inspect([&](institution::Registry&, engine::Cache& cache) {
      auto found = cache.find(field.certificate);
      if (found && *found != nullptr) leaf = (*found)->last_leaf;
    });
    open.engine->stop();
  }
  // The program reads its key from a file; the field's log was begun under the benchmarks' own.
  std::ofstream(field.folder + "/keys/log.key") << base::to_hex(base::sha256(base::as_bytes("bench"))) << "\n";
  {
    const Served served(field);
    if (served.port == 0 || served.tokens.size() != field.plates.size()) {
      std::fprintf(stderr, "bench: the server did not start\n");
      return 1;
    }
    measure_bids(field, served, seconds);
    if (!bids_alone) measure_reads(field, served, leaf, seconds / 2);
  }
  std::filesystem::remove_all(field.folder);
  return 0;
}
