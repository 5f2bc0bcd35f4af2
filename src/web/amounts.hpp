#pragma once
// Amounts as people read them, in both languages of a page.

#include <string>

#include "base/json.hpp"
#include "base/units.hpp"

namespace landglass::web {

base::Text money_shown(base::Money money);  // 1,080 万元 · 10,800,000 yuan
// A guard against a slipped zero: 人民币壹仟零捌拾万元整 · ten million eight hundred thousand yuan.
base::Text money_spelled(base::Money money);
base::Text area_shown(base::Area area);  // 2.0000 公顷（30.00 亩）· 20,000 m² (30.00 mu)

}  // namespace landglass::web
