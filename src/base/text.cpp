#include "base/result.hpp"

namespace landglass::base {

std::string explain(const Trouble& trouble) {
  if (const auto* failure = std::get_if<Failure>(&trouble)) return "failure: " + failure->what;
  const auto& refusal = std::get<Refusal>(trouble);
  std::string text = refusal.code + " " + refusal.say.zh + " / " + refusal.say.en;
  if (!refusal.detail.empty())
    text += " [" +
            (refusal.detail.zh == refusal.detail.en ? refusal.detail.zh : refusal.detail.zh + " / " + refusal.detail.en) +
            "]";
  if (!refusal.where.empty()) text += " @ " + refusal.where;
  if (!refusal.law.empty()) text += " (" + refusal.law + ")";
  return text;
}

}  // namespace landglass::base
