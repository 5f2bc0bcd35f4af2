#include "watch/rule_book.hpp"

#include <algorithm>

#include "engine/cache.hpp"
#include "engine/columns.hpp"
#include "institution/rules_cited.hpp"

namespace landglass::watch {

using base::Json;
using base::Result;
using base::Status;
using engine::Cache;

namespace {

constexpr int k_page = 2'000;

std::optional<base::Date> date_in(const Json& value) {
  const auto* text = value.if_string();
  if (text == nullptr) return std::nullopt;
  if (const auto date = base::parse_date(*text)) return date;
  const auto time = base::parse_time(*text);
  return time ? std::optional(base::date_of(*time)) : std::nullopt;
}

}  // namespace

// What a query may call beside SQLite's own. Dates are texts (2011-04-15), instants texts as in leaves; either may be given.
Status RuleBook::define_functions() {
  const auto& calendar = pack_.calendar();
  const auto days = [&](law::DayKind kind) {
    return [&calendar, kind](const std::vector<Json>& given) -> Json {
      const auto from = date_in(given[0]);
      const auto* count = given[1].if_int();
      if (!from || count == nullptr) return nullptr;
      return base::format_date(calendar.last_day(*from, *count, kind));
    };
  };
  LG_CHECK(reader_->define("add_working_days", 2, days(law::DayKind::working)));
  LG_CHECK(reader_->define("add_days", 2, days(law::DayKind::calendar)));
  LG_CHECK(reader_->define("working_days", 2, [&calendar](const std::vector<Json>& given) -> Json {
    const auto from = date_in(given[0]);
    const auto to = date_in(given[1]);
    return from && to ? Json(calendar.working_days_between(*from, *to)) : Json();
  }));
  LG_CHECK(reader_->define("days", 2, [](const std::vector<Json>& given) -> Json {
    const auto from = date_in(given[0]);
    const auto to = date_in(given[1]);
    return from && to ? Json(std::int64_t{*to - *from}) : Json();
  }));
  LG_CHECK(reader_->define("working", 1, [&calendar](const std::vector<Json>& given) -> Json {
    const auto day = date_in(given[0]);
    return day ? Json(std::int64_t{calendar.working(*day) ? 1 : 0}) : Json();
  }));
  // For what a person reads: 2,000,000.00 元, 2.0000 公顷（30.00 亩）.
  LG_CHECK(reader_->define("yuan", 1, [](const std::vector<Json>& given) -> Json {
    const auto* fen = given[0].if_int();
    return fen == nullptr ? Json() : Json(base::money_yuan({*fen}));
  }));
  LG_CHECK(reader_->define("hectares", 1, [](const std::vector<Json>& given) -> Json {
    const auto* area = given[0].if_int();
    return area == nullptr ? Json() : Json(base::area_zh({*area}));
  }));
  LG_CHECK(reader_->define("local", 1, [](const std::vector<Json>& given) -> Json {
    const auto* text = given[0].if_string();
    const auto at = text == nullptr ? std::nullopt : base::parse_time(*text);
    return at ? Json(base::format_local(*at).substr(0, 16)) : Json();
  }));
  LG_CHECK(reader_->define("place", 1, [this](const std::vector<Json>& given) -> Json {
    const auto* code = given[0].if_string();
    const auto* divisions = pack_.table("divisions");
    const auto* known = code == nullptr || divisions == nullptr ? nullptr : divisions->find(*code);
    return known == nullptr ? given[0] : Json(known->title.zh);
  }));
  LG_CHECK(reader_->define("code_in_force", 1, [this](const std::vector<Json>& given) -> Json {
    const auto* code = given[0].if_string();
    if (code == nullptr) return Json();
    const auto all = pack_.all();
    const bool known =
        std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) { return rule.code == *code; }) ||
        std::any_of(all.begin(), all.end(), [&](const auto* in) { return institution::codes_of(*in).contains(*code); });
    return Json(std::int64_t{known ? 1 : 0});
  }));
  return reader_->define("day_of", 1, [](const std::vector<Json>& given) -> Json {
    const auto day = date_in(given[0]);
    return day ? Json(base::format_date(*day)) : Json();
  });
}

Status RuleBook::lay_beside() {
  for (const auto* in : pack_.all()) {
    if (in->sealed()) {
      LG_CHECK(reader_->lay_beside(engine::shape_of(*in)));
    } else if (!in->behaviour.empty()) {
      LG_CHECK(reader_->lay_beside({Cache::table_of(in->name) + "_behaviour", {{"behaviour", false, false}}}));
    }
  }
  return base::Done{};
}

Result<std::unique_ptr<RuleBook>> RuleBook::open(std::vector<Rule> rules, const institution::Pack& pack,
                                                 std::unique_ptr<store::RuleReader> reader) {
  std::unique_ptr<RuleBook> book(new RuleBook(std::move(rules), pack, std::move(reader)));
  LG_CHECK(book->define_functions());
  LG_CHECK(book->lay_beside());
  book->prepared_.resize(book->rules_.size());
  std::set<std::string> read;
  for (std::size_t i = 0; i < book->rules_.size(); ++i) {
    const auto& rule = book->rules_[i];
    LG_CHECK(book->prepare(rule, book->prepared_[i]));
    for (const auto& [table, column] : book->prepared_[i].reads) read.insert(table);
    for (std::size_t t = 0; t < rule.touched_by.size(); ++t)
      book->listening_[rule.touched_by[t].institution].push_back({i, t});
  }
  for (const auto* in : pack.all()) {
    if (!in->sealed() && read.contains(Cache::table_of(in->name) + "_behaviour")) book->behaving_.push_back(in);
    // Those that some posts may read lie there for their lists too.
    if (in->sealed() && (read.contains(Cache::table_of(in->name)) || !in->seen_by.empty())) book->beside_.push_back(in);
  }
  return book;
}

bool RuleBook::holds(std::string_view institution) const {
  return std::any_of(beside_.begin(), beside_.end(), [&](const auto* in) { return in->name == institution; });
}

Status RuleBook::put(const institution::Institution& in, std::string_view id, std::string_view state, base::Time changed,
                     const base::JsonObject& fields) {
  const auto shape = engine::shape_of(in);
  auto columns = engine::columns_of(in, fields);
  // What no rule and no list reads is not kept in memory either.
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto* field = in.field(shape.columns[i].name);
    if (!in.seen_by.empty() && field != nullptr && !field->is_private) continue;
    const bool read = std::any_of(prepared_.begin(), prepared_.end(), [&](const Prepared& one) {
      return one.reads.contains({shape.name, shape.columns[i].name});
    });
    if (!read) columns[i] = nullptr;
  }
  return reader_->put_beside({shape.name, id, 0, state, {}, changed, &columns});
}

bool RuleBook::reads_behaviour(std::string_view institution) const {
  return std::any_of(behaving_.begin(), behaving_.end(), [&](const auto* in) { return in->name == institution; });
}

Status RuleBook::put_behaviour(const institution::Institution& in, std::string_view id, base::Time changed,
                               const Json& behaviour) {
  const auto table = Cache::table_of(in.name) + "_behaviour";
  const std::vector<Json> columns{behaviour.is_null() ? Json() : Json(base::canonical(behaviour))};
  return reader_->put_beside({table, id, 0, "", {}, changed, &columns});
}

bool RuleBook::listens(const std::string& institution, const std::string& action) const {
  const auto found = listening_.find(institution);
  if (found == listening_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](const Listening& one) {
    const auto& actions = rules_[one.rule].touched_by[one.touch].actions;
    return actions.empty() || std::find(actions.begin(), actions.end(), action) != actions.end();
  });
}

Result<std::set<Place>> RuleBook::touched(const std::string& institution, const std::string& action,
                                          const std::string& record) {
  std::set<Place> places;
  const auto found = listening_.find(institution);
  if (found == listening_.end()) return places;
  for (const auto& one : found->second) {
    const auto& touch = rules_[one.rule].touched_by[one.touch];
    if (!touch.actions.empty() && std::find(touch.actions.begin(), touch.actions.end(), action) == touch.actions.end())
      continue;
    if (touch.via.empty() && touch.find.empty()) {
      places.insert({one.rule, record});
      continue;
    }
    const auto sql = touch.find.empty()
                         ? "SELECT \"" + touch.via + "\" FROM \"" + Cache::table_of(institution) + "\" WHERE id = :record"
                         : touch.find;
    LG_TRY(const auto rows, reader_->query(sql, {Json(record)}));
    for (const auto& row : rows) {
      if (const auto* id = row[0].if_string()) places.insert({one.rule, *id});
    }
  }
  return places;
}

Result<std::vector<Json>> RuleBook::bind(const Rule& rule, const std::vector<std::string>& names, const std::string& subject,
                                         base::Time now) const {
  std::vector<Json> values;
  values.reserve(names.size());
  for (const auto& name : names) {
    if (name == "subject") {
      values.emplace_back(subject);
    } else if (name == "now") {
      values.emplace_back(base::format_utc(now));
    } else if (name == "today") {
      values.emplace_back(base::format_date(base::date_of(now)));
    } else {
      const auto one = std::find_if(rule.thresholds.begin(), rule.thresholds.end(),
                                    [&](const Threshold& threshold) { return threshold.name == name; });
      LG_ASSERT(one != rule.thresholds.end(), "a rule was opened with an unknown parameter");
      const auto* value = value_on(*one, base::date_of(now));
      values.push_back(value == nullptr ? Json() : *value);
    }
  }
  return values;
}

Result<std::optional<Finding>> RuleBook::look(const Place& place, base::Time now) {
  const auto& rule = rules_[place.rule];
  const auto& prepared = prepared_[place.rule];
  LG_TRY(const auto values, bind(rule, prepared.parameters, place.subject, now));
  LG_TRY(auto rows, reader_->query(rule.when, values));
  if (rows.empty()) return std::optional<Finding>();
  Finding finding;
  finding.evidence.push_back(place.subject);
  for (std::size_t i = 0; i < prepared.columns.size(); ++i) {
    const auto& name = prepared.columns[i];
    if (std::find(rule.evidence.begin(), rule.evidence.end(), name) == rule.evidence.end()) {
      finding.found[name] = rows.front()[i];
      continue;
    }
    // A column of evidence names a record, or several in a row of words.
    const auto* text = rows.front()[i].if_string();
    if (name == rule.asks && text != nullptr) finding.asks = *text;
    for (std::string_view rest = text == nullptr ? std::string_view() : *text; !rest.empty();) {
      const auto end = rest.find(' ');
      const std::string id(rest.substr(0, end));
      if (!id.empty() && std::find(finding.evidence.begin(), finding.evidence.end(), id) == finding.evidence.end())
        finding.evidence.push_back(id);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
  }
  return std::optional(std::move(finding));
}

Result<std::optional<base::Time>> RuleBook::recheck(const Place& place, base::Time now) {
  const auto& rule = rules_[place.rule];
  std::optional<base::Time> first;
  if (rule.recheck.empty()) return first;
  LG_TRY(const auto values, bind(rule, prepared_[place.rule].recheck_parameters, place.subject, now));
  LG_TRY(const auto rows, reader_->query(rule.recheck, values));
  for (const auto& row : rows) {
    for (const auto& value : row) {
      const auto* text = value.if_string();
      if (text == nullptr) continue;
      const auto date = base::parse_date(*text);
      const auto at = date ? std::optional(base::start_of(*date)) : base::parse_time(*text);
      if (at && *at > now && (!first || *at < *first)) first = at;
    }
  }
  return first;
}

Status RuleBook::all(base::Time now, const std::function<Status(const Place&, std::optional<Finding>)>& each) {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const auto sql = "SELECT id FROM \"" + Cache::table_of(rules_[i].subject) + "\" WHERE id > ? ORDER BY id LIMIT " +
                     std::to_string(k_page);
    for (std::string after;;) {
      LG_TRY(const auto ids, reader_->query(sql, {Json(after)}));
      for (const auto& row : ids) {
        Place place{i, row[0].as_string()};
        LG_TRY(auto finding, look(place, now));
        LG_CHECK(each(place, std::move(finding)));
      }
      if (ids.size() < static_cast<std::size_t>(k_page)) break;
      after = ids.back()[0].as_string();
    }
  }
  return base::Done{};
}

Result<Findings> RuleBook::batch(base::Time now) {
  Findings findings;
  LG_CHECK(all(now, [&](const Place& place, std::optional<Finding> finding) -> Status {
    if (finding) findings.emplace(place, *std::move(finding));
    return base::Done{};
  }));
  return findings;
}

}  // namespace landglass::watch
