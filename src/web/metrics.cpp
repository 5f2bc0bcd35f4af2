#include "web/metrics.hpp"

#include <cstdio>
#include <variant>

#include "base/result.hpp"

namespace landglass::web {

struct Metrics::Family {
  std::string help;
  std::map<std::string, std::variant<std::unique_ptr<Counter>, std::unique_ptr<Gauge>, std::unique_ptr<Histogram>>> series;
};

namespace {

constexpr std::size_t k_max_series = 1000;

std::string label_text(const Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!text.empty()) text += ',';
    text += name + "=\"";
    for (const char c : value) {
      if (c == '\\' || c == '"') text += '\\';
      if (c == '\n')
        text += "\\n";
      else
        text += c;
    }
    text += '"';
  }
  return text;
}

std::string seconds_of(std::int64_t us) {
  char out[32];
  std::snprintf(out, sizeof out, "%lld.%06lld", static_cast<long long>(us / 1'000'000),
                static_cast<long long>(us % 1'000'000));
  return out;
}

}  // namespace

void Histogram::observe_us(std::int64_t us) {
  std::size_t at = 0;
  while (at < k_bounds_us.size() && us > k_bounds_us[at]) ++at;
  buckets_[at].fetch_add(1, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
  sum_us_.fetch_add(us, std::memory_order_relaxed);
}

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

template <class Series>
Series& Metrics::series(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto found = families_.find(name);
  if (found == families_.end()) {
    found = families_.emplace(std::string(name), std::make_unique<Family>()).first;
    found->second->help = std::string(help);
  }
  auto& all = found->second->series;
  auto key = label_text(labels);
  auto one = all.find(key);
  if (one == all.end()) {
    if (all.size() >= k_max_series) key = "overflow=\"true\"";
    one = all.try_emplace(key, std::make_unique<Series>()).first;
  }
  auto* held = std::get_if<std::unique_ptr<Series>>(&one->second);
  LG_ASSERT(held, "a metric is asked for as another kind than it is");
  return **held;
}

Counter& Metrics::counter(std::string_view name, std::string_view help, const Labels& labels) {
  return series<Counter>(name, help, labels);
}
Gauge& Metrics::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  return series<Gauge>(name, help, labels);
}
Histogram& Metrics::histogram(std::string_view name, std::string_view help, const Labels& labels) {
  return series<Histogram>(name, help, labels);
}

void Metrics::on_collect(std::function<void()> refresh) {
  const std::lock_guard lock(mutex_);
  refresh_.push_back(std::move(refresh));
}

std::string Metrics::text() {
  std::vector<std::function<void()>> refresh;
  {
    const std::lock_guard lock(mutex_);
    refresh = refresh_;
  }
  for (const auto& one : refresh) one();

  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    if (family->series.empty()) continue;
    constexpr const char* kinds[] = {"counter", "gauge", "histogram"};
    out += "# HELP " + name + " " + family->help + "\n# TYPE " + name + " " + kinds[family->series.begin()->second.index()] +
           "\n";
    for (const auto& [labels, any] : family->series) {
      const auto line = [&, &name = name, &labels = labels](const std::string& suffix, const std::string& extra,
                                                            const std::string& value) {
        const auto both = labels.empty() || extra.empty() ? labels + extra : labels + "," + extra;
        out += name + suffix + (both.empty() ? "" : "{" + both + "}") + " " + value + "\n";
      };
      if (const auto* counter = std::get_if<0>(&any)) line("", "", std::to_string((*counter)->value()));
      if (const auto* gauge = std::get_if<1>(&any)) line("", "", std::to_string((*gauge)->value()));
      if (const auto* held = std::get_if<2>(&any)) {
        const auto& histogram = **held;
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < Histogram::k_bounds_us.size(); ++i) {
          sum += histogram.buckets_[i].load(std::memory_order_relaxed);
          line("_bucket", "le=\"" + seconds_of(Histogram::k_bounds_us[i]) + "\"", std::to_string(sum));
        }
        sum += histogram.buckets_.back().load(std::memory_order_relaxed);
        line("_bucket", "le=\"+Inf\"", std::to_string(sum));
        line("_sum", "", seconds_of(histogram.sum_us_.load(std::memory_order_relaxed)));
        line("_count", "", std::to_string(sum));
      }
    }
  }
  return out;
}

}  // namespace landglass::web
