#include "web/portal_sale.hpp"
#include "web/amounts.hpp"

#include <vector>

#include "base/time.hpp"
#include "web/portal_model.hpp"

namespace landglass::web {

using base::Json;
using base::JsonObject;
using base::Text;

Text phase_name(std::string_view phase) {
  static const std::vector<std::pair<std::string_view, Text>> k_names = {{"waiting", {"公告中", "Announced"}},
                                                                         {"listing", {"挂牌报价", "Listing"}},
                                                                         {"inquiry", {"询问期", "Inquiry"}},
                                                                         {"prep", {"准备期", "Preparation"}},
                                                                         {"timed", {"限时竞价", "Timed bidding"}},
                                                                         {"calling", {"拍卖", "Auction"}},
                                                                         {"ceiling", {"已达限价", "At the ceiling"}},
                                                                         {"drawing", {"待摇号", "Draw awaited"}},
                                                                         {"opening", {"待开启底价", "Reserve to be opened"}},
                                                                         {"sold", {"已成交", "Sold"}},
                                                                         {"failed", {"流拍", "No sale"}},
                                                                         {"frozen", {"已冻结", "Frozen"}},
                                                                         {"withdrawn", {"已终止", "Withdrawn"}}};
  for (const auto& [key, name] : k_names) {
    if (key == phase) return name;
  }
  return {std::string(phase), std::string(phase)};
}

const char* phase_tone(std::string_view phase) {
  if (phase == "frozen" || phase == "failed" || phase == "withdrawn") return "bad";
  return phase == "sold" || phase == "timed" || phase == "calling" ? "good" : "info";
}

bool sale_closed(std::string_view phase) { return phase == "sold" || phase == "failed" || phase == "withdrawn"; }

Standing standing_of(const Json& doc) {
  const auto& head = doc.at("behaviour").at("head");
  Standing standing;
  standing.phase = head.is_null() ? std::string("waiting") : std::string(head.text("phase"));
  standing.offered = head.at("top").is_string();
  standing.price = standing.offered ? std::string(head.text("top")) : std::string(doc.at("fields").text("start_price"));
  // What people wait for: the opening, the close of the listing, or the end of a window.
  standing.due = head.text("due");
  if (const auto* calls = head.at("calls").if_int()) standing.calls = *calls;
  if (standing.phase == "waiting") standing.due = doc.at("fields").text("opens");
  return standing;
}

Json price_label(const Standing& standing) {
  if (standing.phase == "sold") return both("成交价", "Deal price");
  return standing.offered ? both("当前最高价", "Highest offer") : both("起始价", "Start price");
}
Json countdown_label(const Standing& standing) {
  return standing.phase == "waiting" ? both("距开始", "Opens in") : both("距本阶段结束", "This phase ends in");
}

Json countdown_model(const Standing& standing) {
  if (standing.due.empty() || sale_closed(standing.phase)) return Json();
  return JsonObject{{"label", countdown_label(standing)},
                    {"iso", standing.due},
                    {"text", base::format_local(base::parse_time(standing.due).value_or(base::Time{})).substr(0, 19)}};
}

Json price_model(const Standing& standing, bool with_upper) {
  const auto money = base::parse_money(standing.price).value_or(base::Money{});
  const auto cut = [](std::string whole) {
    const auto space = whole.rfind(' ');
    return space == std::string::npos ? std::pair(whole, std::string())
                                      : std::pair(whole.substr(0, space), whole.substr(space + 1));
  };
  const auto shown = money_shown(money);
  const auto [zh, zh_unit] = cut(shown.zh);
  const auto [en, en_unit] = cut(shown.en);
  JsonObject price{{"label", price_label(standing)}, {"text", both(zh, en)}, {"unit", both(zh_unit, en_unit)}};
  if (with_upper) price["upper"] = both(money_spelled(money));
  return price;
}

}  // namespace landglass::web
