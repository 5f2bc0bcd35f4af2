// Papers a second from one press, and their size. One line of JSON per figure.
//   pdf_bench [seconds per paper] [root of the repository]

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

#include "disclosure/pdf.hpp"
#include "disclosure/template.hpp"

using namespace landglass;
using Clock = std::chrono::steady_clock;

namespace {

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void print(const std::string& work, double value, const char* unit) {
  std::printf("{\"work\":\"%s\",\"value\":%.6g,\"unit\":\"%s\"}\n", work.c_str(), value, unit);
  std::fflush(stdout);
}

template <class T>
T must(base::Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "pdf_bench: %s\n", base::explain(result.trouble()).c_str());
  std::exit(1);
}

std::size_t pages_of(const std::string& pdf) {
  // cairo writes "/Type /Page % 1" for each; a /Pages node has no such remark.
  std::size_t count = 0;
  for (auto at = pdf.find("/Type /Page %"); at != std::string::npos; at = pdf.find("/Type /Page %", at + 1)) ++count;
  return count == 0 ? 1 : count;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2;
  const std::string root = argc > 2 ? argv[2] : ".";
  auto start = Clock::now();
  const auto press = must(disclosure::Press::open(root + "/build/assets/fonts"));
  print("papers: open a press", since(start) * 1000, "ms");
  const auto templates = must(disclosure::Templates::load(root + "/packs/cn-land/papers"));
  std::ifstream in(root + "/packs/cn-land/papers/example.json");
  std::ostringstream text;
  text << in.rdbuf();
  const base::Json fields = must(base::parse_json(text.str()));
  const disclosure::Marks marks{"land-listing/350112-2019-000011", "LL350112201900000011K",
                                "LG1 land-listing/350112-2019-000011 LL350112201900000011K - demo.landglass.example/changle",
                                true, base::start_of(base::from_civil({2019, 9, 16}))};
  for (const char* name : {"announcement", "contract", "confirmation", "certificate"}) {
    int papers = 0;
    std::string pdf;
    start = Clock::now();
    const std::clock_t cpu = std::clock();
    while (since(start) < seconds) {
      pdf = must(press.pdf(must(templates.find(name)->fill(fields, marks))));
      ++papers;
    }
    const double rate = papers / since(start);
    // Of the processor alone, so that a busy machine does not show in it.
    const double cpu_ms = 1000.0 * static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC / papers;
    const auto pages = static_cast<double>(pages_of(pdf));
    print(std::string("papers: ") + name, rate, "papers/s");
    print(std::string("papers: ") + name + ", processor", cpu_ms, "ms/paper");
    print(std::string("papers: ") + name + ", pages", rate * pages, "pages/s");
    print(std::string("papers: ") + name + ", size", static_cast<double>(pdf.size()) / pages, "bytes/page");
  }
}
