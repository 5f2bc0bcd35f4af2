#include "cli/command.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "base/json.hpp"

namespace landglass::cli {
namespace {

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

int tell(const base::Trouble& trouble, bool json) {
  const auto* refusal = std::get_if<base::Refusal>(&trouble);
  if (!json) {
    std::fprintf(stderr, "landglass: %s\n", base::explain(trouble).c_str());
  } else if (refusal != nullptr) {
    base::JsonObject out{{"code", refusal->code},
                         {"say", base::JsonObject{{"zh", refusal->say.zh}, {"en", refusal->say.en}}}};
    if (!refusal->where.empty()) out["where"] = refusal->where;
    if (!refusal->law.empty()) out["law"] = refusal->law;
    if (!refusal->detail.empty()) out["detail"] = refusal->detail.zh;
    if (!refusal->detail.empty()) out["why"] = base::JsonObject{{"zh", refusal->detail.zh}, {"en", refusal->detail.en}};
    if (!refusal->that.empty()) out["that"] = refusal->that;
    std::printf("%s\n", base::canonical(base::Json(std::move(out))).c_str());
  } else {
    const auto& failure = std::get<base::Failure>(trouble);
    const base::Json out(
        base::JsonObject{{"code", "unavailable"}, {"detail", failure.what}, {"retryable", failure.retryable}});
    std::printf("%s\n", base::canonical(out).c_str());
  }
  return refusal != nullptr ? k_refused : k_failed;
}

Progress::Progress(base::Text what) : what_(std::move(what)), shown_ms_(steady_ms()), terminal_(::isatty(2) == 1) {}

Progress::~Progress() {
  if (drawn_ && terminal_) std::fputs("\r\033[K", stderr);
}

void Progress::at(std::uint64_t done, std::uint64_t of) {
  const auto now = steady_ms();
  if (now - shown_ms_ < (terminal_ ? 500 : 10'000)) return;  // into a file: now and then a line
  shown_ms_ = now;
  drawn_ = true;
  std::fprintf(stderr, "%s%s %s: %llu / %llu%s", terminal_ ? "\r\033[K" : "", what_.zh.c_str(), what_.en.c_str(),
               static_cast<unsigned long long>(done), static_cast<unsigned long long>(of), terminal_ ? "" : "\n");
  std::fflush(stderr);
}

}  // namespace landglass::cli
