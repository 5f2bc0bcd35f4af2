#include "law/auction_rules.hpp"

#include <array>

#include "law/auction_json.hpp"

namespace landglass::law {
namespace {

constexpr std::string_view k_sheet_format = "landglass/rule-sheet/1";
constexpr std::array<std::string_view, 3> k_modes{"listing", "english", "tender"};
constexpr std::array<std::string_view, 3> k_ceilings{"notify_only", "stop_and_lot", "compete_other"};
constexpr std::array<std::string_view, 3> k_joins{"qualified", "offered", "wished"};
constexpr std::size_t k_max_tiers = 64;
constexpr std::int64_t k_most = 1'000'000;
constexpr std::int64_t k_most_other = 9'007'199'254'740'991;

std::string hex(const base::Hash& hash) { return base::to_hex(hash); }
base::Json money_or_null(const std::optional<base::Money>& money) {
  return money ? base::Json(base::money_text(*money)) : base::Json();
}
base::Json hash_or_null(const std::optional<base::Hash>& value) { return value ? base::Json(hex(*value)) : base::Json(); }
base::Json text_of(std::string_view text) { return base::Json(text); }

CeilingRules read_ceiling(SheetReader& sheet) {
  SheetReader in(sheet.take("ceiling"), "ceiling");
  CeilingRules rules;
  rules.mode = static_cast<CeilingRules::Mode>(in.one_of("mode", k_ceilings));
  rules.price = in.money("price", 1);
  rules.join_ms = in.span("join_ms");
  if (in.present("other")) {
    SheetReader of(in.take("other"), "ceiling.other");
    CeilingRules::Other other;
    other.name = of.text("name");
    other.start = of.integer("start", 1, k_most_other);
    other.step = of.integer("step", 1, k_most_other);
    other.max = of.integer("max", 0, k_most_other);
    if (other.max != 0 && other.max < other.start) of.wrong("max", "不得小于起始数量", "it is below the start");
    if (auto ended = of.end(); !ended) in.wrong(ended.trouble());
    rules.other = other;
  }
  if (in.present("salt_hash")) rules.salt_hash = in.hash("salt_hash");
  const bool competes = rules.mode == CeilingRules::Mode::compete_other;
  if (competes != rules.other.has_value())
    in.wrong("other", "仅竞配建时填写", "it goes with compete_other, and only with it");
  const bool may_draw = rules.mode == CeilingRules::Mode::stop_and_lot || (competes && rules.other && rules.other->max != 0);
  if (may_draw != rules.salt_hash.has_value())
    in.wrong("salt_hash", "须摇号时填写", "it goes with a draw, and only with one");
  if (auto ended = in.end(); !ended) sheet.wrong(ended.trouble());
  return rules;
}

ReserveRules read_reserve(SheetReader& sheet) {
  SheetReader in(sheet.take("reserve"), "reserve");
  ReserveRules rules;
  if (in.present("commitment")) rules.commitment = in.hash("commitment");
  rules.within_ms = in.span("within_ms");
  if (rules.commitment && rules.within_ms != 0) in.wrong("within_ms", "底价已承诺", "the reserve is committed already");
  if (auto ended = in.end(); !ended) sheet.wrong(ended.trouble());
  return rules;
}

TimedRules read_timed(SheetReader& sheet) {
  SheetReader in(sheet.take("timed"), "timed");
  TimedRules rules;
  rules.trigger_last_ms = in.span("trigger_last_ms");
  rules.trigger_bidders = in.integer("trigger_bidders", 1, k_most);
  rules.pause_ms = in.span("pause_ms");
  rules.inquiry_ms = in.span("inquiry_ms");
  rules.inquiry_wishes = in.integer("inquiry_wishes", 1, k_most);
  rules.prep_ms = in.span("prep_ms");
  rules.window_ms = in.span("window_ms", 1'000);
  rules.restart_within_ms = in.span("restart_within_ms");
  rules.join = static_cast<TimedRules::Join>(in.one_of("join", k_joins));
  if (rules.restart_within_ms > rules.window_ms)
    in.wrong("restart_within_ms", "不得长于窗口", "it is longer than the window");
  if (rules.join == TimedRules::Join::wished && rules.inquiry_ms == 0) in.wrong("join", "没有询问期", "there is no inquiry");
  if (auto ended = in.end(); !ended) sheet.wrong(ended.trouble());
  return rules;
}

// Members that only some modes have, and instants and prices in their order.
void check_together(SheetReader& in, const RuleSheet& sheet) {
  const bool english = sheet.mode == SaleMode::english;
  if (english == sheet.closes.has_value())
    in.wrong("closes", "拍卖无截止时刻，挂牌、招标必有", "all but an English auction close at an instant");
  if (sheet.closes && *sheet.closes <= sheet.opens) in.wrong("closes", "不得早于开始", "it is not after the opening");
  if (english != sheet.calls.has_value())
    in.wrong("calls", "仅拍卖有报价声数", "calls go with an English auction, and only with it");
  if (sheet.timed && sheet.mode != SaleMode::listing)
    in.wrong("timed", "仅挂牌有限时竞价", "timed bidding goes with a listing");
  if ((sheet.mode == SaleMode::tender) != sheet.tender.has_value())
    in.wrong("tender", "仅招标填写", "it goes with a tender, and only with it");
  if (sheet.mode == SaleMode::tender && sheet.ceiling) in.wrong("ceiling", "招标不适用", "a tender has none here");
  if (sheet.reserve && !sheet.reserve->commitment && sheet.mode != SaleMode::listing) {
    in.wrong("reserve.commitment", "仅挂牌可以后录入底价", "only in a listing is a reserve entered later");
  }
  if (sheet.timed && sheet.closes && sheet.timed->pause_ms >= *sheet.closes - sheet.opens) {
    in.wrong("timed.pause_ms", "不得长于挂牌期", "it is as long as the listing");
  }
  if (sheet.ceiling && sheet.ceiling->price < sheet.start_price)
    in.wrong("ceiling.price", "不得低于起始价", "it is below the start price");
  if (sheet.guard.max_price && *sheet.guard.max_price < sheet.start_price) {
    in.wrong("guard.max_price", "不得低于起始价", "it is below the start price");
  }
}

void read_plain(SheetReader& in, RuleSheet& sheet) {
  sheet.opens = in.time("opens");
  if (in.present("closes")) sheet.closes = in.time("closes");
  sheet.start_price = in.money("start_price", 1);
  auto tiers = parse_increments(in.take("increments"));
  if (tiers)
    sheet.increments = *std::move(tiers);
  else
    in.wrong(tiers.trouble());
  sheet.multiple = in.boolean("multiple");
  sheet.own_raise = in.boolean("own_raise");
  sheet.min_bidders = in.integer("min_bidders", 1, k_most);
}

void read_guard_freeze_silence(SheetReader& in, RuleSheet& sheet) {
  SheetReader guard(in.take("guard"), "guard");
  if (guard.present("max_price")) sheet.guard.max_price = guard.money("max_price", 1);
  sheet.guard.factor = guard.integer("factor", 0, k_most);
  if (auto ended = guard.end(); !ended) in.wrong(ended.trouble());

  SheetReader freeze(in.take("freeze"), "freeze");
  sheet.freeze.restart_prep = freeze.boolean("restart_prep");
  sheet.freeze.short_ms = freeze.span("short_ms");
  sheet.freeze.notice_ms = freeze.span("notice_ms");
  sheet.freeze.last_ms = freeze.span("last_ms");
  sheet.freeze.last_cap_ms = freeze.span("last_cap_ms");
  if (auto ended = freeze.end(); !ended) in.wrong(ended.trouble());

  SheetReader silence(in.take("silence"), "silence");
  sheet.silence.tick_ms = silence.span("tick_ms", 100);
  sheet.silence.max_gap_ms = silence.span("max_gap_ms");
  if (sheet.silence.max_gap_ms != 0 && sheet.silence.max_gap_ms < sheet.silence.tick_ms) {
    silence.wrong("max_gap_ms", "不得短于记时间隔", "it is shorter than the tick");
  }
  if (auto ended = silence.end(); !ended) in.wrong(ended.trouble());
}

}  // namespace

base::Result<std::vector<IncrementTier>> parse_increments(const base::Json& json) {
  const auto wrong = [](std::string where, std::string zh, std::string en) {
    return base::refuse("AU-01", "增价幅度表有误：" + std::move(zh), "increments: " + std::move(en), std::move(where));
  };
  const auto* rows = json.if_array();
  if (!rows || rows->empty() || rows->size() > k_max_tiers)
    return wrong("increments", "应有 1 至 64 行", "1 to 64 rows are wanted");
  std::vector<IncrementTier> tiers;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const auto where = "increments[" + std::to_string(i) + "]";
    SheetReader in((*rows)[i], where);
    IncrementTier tier;
    if (in.present("since")) tier.since = in.time("since");
    tier.price = in.money("price");
    tier.step = in.money("step", 1);
    LG_CHECK(in.end());
    const bool new_group = tiers.empty() || tiers.back().since != tier.since;
    if (tiers.empty() && tier.since) return wrong(where, "首行不应有日期", "the first row has a date");
    if (new_group && tier.price.fen != 0) return wrong(where, "每组首行价格应为 0.00", "a group begins at price 0.00");
    // An absent date stands before every date (as std::optional orders it).
    if (!tiers.empty() && new_group && tier.since < tiers.back().since) return wrong(where, "日期应递增", "dates rise");
    if (!new_group && tier.price <= tiers.back().price) return wrong(where, "价格应递增", "prices rise within a group");
    tiers.push_back(tier);
  }
  return tiers;
}

base::Json to_json(const std::vector<IncrementTier>& tiers) {
  base::JsonArray rows;
  for (const auto& tier : tiers) {
    rows.push_back(base::JsonObject{{"since", time_or_null(tier.since)},
                                    {"price", base::money_text(tier.price)},
                                    {"step", base::money_text(tier.step)}});
  }
  return rows;
}

base::Result<RuleSheet> parse_rule_sheet(const base::Json& json) {
  SheetReader in(json, "");
  RuleSheet sheet;
  if (in.text("format") != k_sheet_format)
    in.wrong("format", "应为 landglass/rule-sheet/1", "landglass/rule-sheet/1 is wanted");
  sheet.mode = static_cast<SaleMode>(in.one_of("mode", k_modes));
  read_plain(in, sheet);
  if (in.present("ceiling")) sheet.ceiling = read_ceiling(in);
  if (in.present("reserve")) sheet.reserve = read_reserve(in);
  if (in.present("timed")) sheet.timed = read_timed(in);
  if (in.present("calls")) {
    SheetReader calls(in.take("calls"), "calls");
    sheet.calls = CallRules{calls.integer("count", 1, 9), calls.span("gap_ms")};
    if (auto ended = calls.end(); !ended) in.wrong(ended.trouble());
  }
  read_guard_freeze_silence(in, sheet);
  if (in.present("tender")) {
    auto tender = parse_tender_rules(in.take("tender"));
    if (tender)
      sheet.tender = *std::move(tender);
    else
      in.wrong(tender.trouble());
  }
  check_together(in, sheet);
  LG_CHECK(in.end());
  return sheet;
}

base::Json to_json(const RuleSheet& sheet) {
  using base::Json;
  using base::JsonObject;
  Json ceiling, reserve, timed, calls;
  if (sheet.ceiling) {
    const auto& rules = *sheet.ceiling;
    Json other;
    if (rules.other) {
      other = JsonObject{{"name", rules.other->name},
                         {"start", rules.other->start},
                         {"step", rules.other->step},
                         {"max", rules.other->max}};
    }
    ceiling = JsonObject{{"mode", text_of(k_ceilings[static_cast<std::size_t>(rules.mode)])},
                         {"price", base::money_text(rules.price)},
                         {"join_ms", rules.join_ms},
                         {"other", other},
                         {"salt_hash", hash_or_null(rules.salt_hash)}};
  }
  if (sheet.reserve) {
    reserve = JsonObject{{"commitment", hash_or_null(sheet.reserve->commitment)}, {"within_ms", sheet.reserve->within_ms}};
  }
  if (sheet.timed) {
    const auto& rules = *sheet.timed;
    timed = JsonObject{{"trigger_last_ms", rules.trigger_last_ms},
                       {"trigger_bidders", rules.trigger_bidders},
                       {"pause_ms", rules.pause_ms},
                       {"inquiry_ms", rules.inquiry_ms},
                       {"inquiry_wishes", rules.inquiry_wishes},
                       {"prep_ms", rules.prep_ms},
                       {"window_ms", rules.window_ms},
                       {"restart_within_ms", rules.restart_within_ms},
                       {"join", text_of(k_joins[static_cast<std::size_t>(rules.join)])}};
  }
  if (sheet.calls) calls = JsonObject{{"count", sheet.calls->count}, {"gap_ms", sheet.calls->gap_ms}};
  return JsonObject{
      {"format", text_of(k_sheet_format)},
      {"mode", text_of(k_modes[static_cast<std::size_t>(sheet.mode)])},
      {"opens", base::format_utc(sheet.opens)},
      {"closes", time_or_null(sheet.closes)},
      {"start_price", base::money_text(sheet.start_price)},
      {"increments", to_json(sheet.increments)},
      {"multiple", sheet.multiple},
      {"own_raise", sheet.own_raise},
      {"min_bidders", sheet.min_bidders},
      {"ceiling", ceiling},
      {"reserve", reserve},
      {"guard", JsonObject{{"max_price", money_or_null(sheet.guard.max_price)}, {"factor", sheet.guard.factor}}},
      {"timed", timed},
      {"calls", calls},
      {"freeze", JsonObject{{"restart_prep", sheet.freeze.restart_prep},
                            {"short_ms", sheet.freeze.short_ms},
                            {"notice_ms", sheet.freeze.notice_ms},
                            {"last_ms", sheet.freeze.last_ms},
                            {"last_cap_ms", sheet.freeze.last_cap_ms}}},
      {"silence", JsonObject{{"tick_ms", sheet.silence.tick_ms}, {"max_gap_ms", sheet.silence.max_gap_ms}}},
      {"tender", sheet.tender ? to_json(*sheet.tender) : Json()}};
}

base::Hash rule_sheet_hash(const RuleSheet& sheet) { return base::sha256(base::as_bytes(base::canonical(to_json(sheet)))); }

void apply_fujian(RuleSheet& sheet) {
  TimedRules timed;
  timed.trigger_last_ms = base::k_hour;
  timed.trigger_bidders = 2;
  timed.prep_ms = 15 * base::k_minute;
  timed.window_ms = timed.restart_within_ms = 5 * base::k_minute;
  sheet.timed = timed;
  sheet.freeze = {true, base::k_hour, base::k_day, base::k_hour, base::k_hour};
}

void apply_suzhou_park(RuleSheet& sheet) {
  TimedRules timed;
  timed.trigger_bidders = 2;
  timed.pause_ms = base::k_hour;
  timed.window_ms = timed.restart_within_ms = 4 * base::k_minute;
  sheet.timed = timed;
  sheet.freeze = {false, base::k_hour, 5 * base::k_day, 0, 0};  // a suspended listing: notice 5 days ahead (SIP art. 25)
}

base::Hash reserve_commitment(base::BytesView salt32, base::Money reserve) {
  const base::JsonArray said{"landglass/reserve/1", base::money_text(reserve)};
  return base::hmac_sha256(salt32, base::as_bytes(base::canonical(said)));
}

base::Status check_deposit(base::Money deposit, base::Money base_price, base::Ratio least) {
  if (base::compare_scaled(deposit.fen, base_price.fen, least) >= 0) return base::Done{};
  auto refusal = base::refuse("AU-40", "竞买保证金低于规定比例", "the deposit is below the least share", "deposit",
                              "国土资发〔2010〕34号 (L-21)");
  refusal.detail =
      base::alike(base::money_yuan(deposit) + " < " + base::ratio_text(least) + " × " + base::money_yuan(base_price));
  return refusal;
}

base::Status check_bidders(SaleMode mode, std::int64_t bidders, std::int64_t least) {
  if (bidders >= least) return base::Done{};
  static constexpr std::array<std::string_view, 3> k_laws{"挂牌出让规则 (L-16, L-17)", "拍卖竞买人不足三人应当终止 (L-13)",
                                                          "国土资源部令第39号 art. 13; 招标投标法 art. 28 (L-10)"};
  auto refusal = base::refuse("AU-41", "竞买人、投标人不足", "too few bidders", "bidders",
                              std::string(k_laws[static_cast<std::size_t>(mode)]));
  refusal.detail = base::alike(std::to_string(bidders) + " < " + std::to_string(least));
  return refusal;
}

}  // namespace landglass::law
