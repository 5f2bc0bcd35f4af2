// The change log of what was said: what was corrected, taken back, withdrawn, reversed, entered late or closed again, each
// with its reason and its leaf. Both versions stay in the log; this page is where a reader finds that there are two.
#include <algorithm>
#include <deque>
#include <mutex>
#include <set>

#include "log/leaf.hpp"
#include "web/act_titles.hpp"
#include "web/open_pages.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Action;
using institution::Institution;

namespace {

constexpr std::size_t k_kept = 5'000;
constexpr std::size_t k_changes_a_page = 50;
constexpr std::uint64_t k_batch = 500;

struct ChangeKind {
  const char* key;
  Text title;
};
const ChangeKind k_change_kinds[] = {{"corrected", {"更正", "Corrected"}},
                                     {"taken-back", {"撤回", "Taken back"}},
                                     {"withdrawn", {"终止或撤销", "Withdrawn or annulled"}},
                                     {"reversed", {"改变或恢复", "Reversed or repaired"}},
                                     {"closed", {"公开期满，不再公开", "No longer disclosed"}},
                                     {"late", {"补录", "Entered late"}}};

// What an action of an institution means here; nullptr: nothing. An act with a ground out of a table that ends the matter
// withdraws it; a state that takes a disclosed name down again is a reversal or repair.
const ChangeKind* kind_of(const Institution& in, const log::Change& change) {
  if (change.action == "take-back") return &k_change_kinds[1];
  const auto* disclosed = change.outcome.at("disclose").if_object();
  const bool shut = disclosed != nullptr &&
                    std::any_of(disclosed->begin(), disclosed->end(), [](const auto& one) { return one.second.is_null(); });
  const Action* action = nullptr;
  const auto seek = [&](const std::vector<Action>& actions) {
    for (const auto& one : actions) {
      if (one.name == change.action) action = &one;
    }
  };
  for (const auto& state : in.main.states) seek(state.actions);
  seek(in.always);
  const auto state = change.state.substr(0, change.state.find('|'));
  if (action != nullptr && action->verb == institution::Verb::correct) return &k_change_kinds[0];
  const bool over = std::any_of(in.fields.begin(), in.fields.end(), [&](const institution::Field& field) {
    return std::find(field.disclose_until.begin(), field.disclose_until.end(), state) != field.disclose_until.end();
  });
  const bool enters = action != nullptr && std::any_of(action->to.begin(), action->to.end(),
                                                       [&](const auto& target) { return target.state == state; });
  if (over && enters) return &k_change_kinds[3];
  if (action != nullptr && action->grounds.ends_with("-grounds") && enters &&
      (action->grounds.starts_with("withdrawal") || action->grounds.starts_with("termination") ||
       action->grounds.starts_with("void")))
    return action->name == "resume" ? &k_change_kinds[3] : &k_change_kinds[2];
  if (shut) return &k_change_kinds[4];
  const auto* late = change.outcome.at("late_entry").if_bool();
  return late != nullptr && *late ? &k_change_kinds[5] : nullptr;
}

// Found by going through the log once, and then its new end.
class ChangeLog {
 public:
  struct Item {
    std::uint64_t index = 0;
    base::Time time;
    std::string institution, record, action, state, reason;
    std::vector<std::string> fields;  // that were given anew
    const ChangeKind* kind = nullptr;
  };

  // Newest first, of this kind (empty: every), holding this text; and how many there are of each.
  std::vector<Item> list(Portal& portal, std::string_view kind, const std::string& query,
                         std::map<std::string, std::size_t>& counts) {
    const std::lock_guard lock(mutex_);
    gather(portal);
    std::vector<Item> out;
    for (auto one = items_.rbegin(); one != items_.rend(); ++one) {
      ++counts[one->kind->key];
      if (!kind.empty() && kind != one->kind->key) continue;
      if (!query.empty() && one->record.find(query) == std::string::npos && one->reason.find(query) == std::string::npos)
        continue;
      out.push_back(*one);
    }
    return out;
  }

 private:
  void gather(Portal& portal) {
    if (names_.empty()) learn(portal.pack());
    const auto size = portal.engine().head(log::Tree::open)->size;
    auto connection = portal.reader(store::Sight::open);
    while (seen_ < size) {
      auto leaves = connection->leaves(log::Tree::open, seen_, std::min(k_batch, size - seen_));
      if (!leaves || leaves->empty()) return;
      for (const auto& bytes : *leaves) {
        const auto index = seen_++;
        if (!may_matter(bytes)) continue;
        const auto leaf = log::decode(bytes);
        if (!leaf) continue;
        take(portal.pack(), index, leaf->time, leaf->change);
        for (const auto& effect : leaf->effects) take(portal.pack(), index, leaf->time, effect);
      }
      while (items_.size() > k_kept) items_.pop_front();
    }
  }

  // The names of all acts that could matter, so that most leaves need not be read.
  void learn(const institution::Pack& pack) {
    names_ = {"take-back", "correct"};
    for (const auto* in : pack.all()) {
      std::set<std::string> ends;
      for (const auto& field : in->fields) ends.insert(field.disclose_until.begin(), field.disclose_until.end());
      for (const auto& state : in->main.states) {
        for (const auto& action : state.actions) {
          const bool ending =
              std::any_of(action.to.begin(), action.to.end(), [&](const auto& to) { return ends.contains(to.state); });
          if (ending || !action.grounds.empty()) names_.insert(action.name);
        }
      }
    }
  }

  bool may_matter(std::string_view bytes) const {
    if (bytes.find("\"late_entry\":true") != std::string_view::npos ||
        bytes.find("\"disclose\":{") != std::string_view::npos)
      return true;
    static constexpr std::string_view k_key = "\"action\":\"";
    for (auto at = bytes.find(k_key); at != std::string_view::npos; at = bytes.find(k_key, at)) {
      at += k_key.size();
      if (names_.find(bytes.substr(at, bytes.find('"', at) - at)) != names_.end()) return true;
    }
    return false;
  }

  void take(const institution::Pack& pack, std::uint64_t index, base::Time time, const log::Change& change) {
    const auto* in = pack.by_hash(change.file);
    if (in == nullptr) in = pack.current(change.institution);
    const auto* kind = in == nullptr ? nullptr : kind_of(*in, change);
    if (kind == nullptr) return;
    Item item{
        index, time, change.institution, change.record, change.action, change.state, std::string(change.set.text("reason")),
        {},    kind};
    for (const auto& [name, value] : change.set) {
      if (name != "reason" && name != "ground" && name != "evidence") item.fields.push_back(name);
    }
    items_.push_back(std::move(item));
  }

  std::mutex mutex_;
  std::deque<Item> items_;
  std::set<std::string, std::less<>> names_;
  std::uint64_t seen_ = 0;
};

Json row_of(const Portal& portal, Names& names, const ChangeLog::Item& item) {
  const auto* in = portal.pack().current(item.institution);
  const auto called = names.of(item.record);
  Text act{item.action, item.action};
  Text fields;
  if (in != nullptr) {
    act = action_title_in(*in, item.action, item.state);
    for (const auto& name : item.fields) {
      const auto* field = in->field(name);
      if (field == nullptr) continue;
      fields.zh += (fields.zh.empty() ? "" : "、") + field->title.zh;
      fields.en += (fields.en.empty() ? "" : ", ") + field->title.en;
    }
  }
  JsonObject what{{"label", both("行为", "Act")}, {"text", both(act)}};
  if (!fields.empty()) what["sub"] = both(fields);
  JsonObject record{{"label", both("记录", "Record")},
                    {"text", called.empty() ? Json(number_of(item.record)) : both(called)},
                    {"to", href_of(item.record)},
                    {"head", true}};
  if (in != nullptr) record["sub"] = both(in->title);
  const auto index = std::to_string(item.index);
  const char* tone = item.kind == &k_change_kinds[2] ? "bad" : item.kind == &k_change_kinds[3] ? "good" : "info";
  return JsonObject{
      {"cells",
       JsonArray{JsonObject{{"label", both("类别", "Kind")},
                            {"chip", JsonObject{{"text", both(item.kind->title)}, {"tone", tone}}}},
                 std::move(record), std::move(what),
                 JsonObject{{"label", both("理由", "Reason")}, {"text", item.reason.empty() ? "—" : item.reason}},
                 JsonObject{{"label", both("时间", "When")}, {"text", base::format_local(item.time).substr(0, 16)}},
                 JsonObject{{"label", both("日志", "Leaf")}, {"text", index}, {"to", "/log/" + index}, {"numeric", true}}}}};
}

Response changes_page(Portal& portal, ChangeLog& log, const Request& request) {
  const std::string query(request.query.get("q"));
  const std::string wanted(request.query.get("kind") == "all" ? "" : request.query.get("kind"));
  const auto number = page_number(request.query.get("page"));
  std::map<std::string, std::size_t> counts;
  const auto list = log.list(portal, wanted, query, counts);
  auto model = portal.page(request, {"更正与撤销", "Corrections"});
  auto names = portal.names();
  JsonArray rows;
  for (auto i = (static_cast<std::size_t>(number) - 1) * k_changes_a_page; i < list.size() && rows.size() < k_changes_a_page;
       ++i)
    rows.push_back(row_of(portal, names, list[i]));
  JsonArray options{JsonObject{{"value", "all"}, {"label", both("全部", "All")}}};
  for (const auto& kind : k_change_kinds) {
    const auto count = " (" + std::to_string(counts[kind.key]) + ")";
    JsonObject option{{"value", kind.key}, {"label", both(kind.title.zh + count, kind.title.en + count)}};
    if (wanted == kind.key) option["selected"] = true;
    options.push_back(std::move(option));
  }
  JsonObject filter{{"action", "/changes"},
                    {"placeholder", both("记录编号或理由", "Number of a record, or words of the reason")},
                    {"choices", JsonArray{JsonObject{
                                    {"name", "kind"}, {"label", both("类别", "Kind")}, {"options", std::move(options)}}}}};
  if (!query.empty()) filter["query"] = query;
  JsonObject out{
      {"id", "changes"},
      {"lead",
       both("已公布的内容被更正、撤回、终止、改变或不再公开的，都在这里：理由、时间和日志序号。原来的版本仍在日志中。",
            "Whatever was published and then corrected, taken back, withdrawn, reversed or closed again, with reason, "
            "time and leaf. The version before stays in the log.")},
      {"total", both("共 " + std::to_string(list.size()) + " 条", std::to_string(list.size()) + " in all")},
      {"filter", std::move(filter)},
      {"columns", JsonArray{JsonObject{{"label", both("类别", "Kind")}}, JsonObject{{"label", both("记录", "Record")}},
                            JsonObject{{"label", both("行为", "Act")}}, JsonObject{{"label", both("理由", "Reason")}},
                            JsonObject{{"label", both("时间", "When")}},
                            JsonObject{{"label", both("日志", "Leaf")}, {"numeric", true}}}}};
  if (rows.empty()) {
    out["nothing"] = wanted.empty() && query.empty()
                         ? JsonObject{{"title", both("没有更正或撤销", "Nothing was corrected or withdrawn")},
                                      {"text", both("一旦有，就会列在这里。", "As soon as something is, it stands here.")}}
                         : JsonObject{{"title", both("没有符合条件的", "Nothing fits")},
                                      {"text", both("换一个词，或者放宽条件。", "Try another word, or fewer conditions.")},
                                      {"to", "/changes"},
                                      {"link", both("看全部", "See all")}};
  } else {
    out["rows"] = items(std::move(rows));
  }
  put_paging(out, number, static_cast<std::size_t>(number) * k_changes_a_page < list.size(), [&](int n) {
    return "/changes?page=" + std::to_string(n) + (wanted.empty() ? "" : "&kind=" + wanted) +
           (query.empty() ? "" : "&q=" + encode_component(query));
  });
  model.as_object()["list"] = std::move(out);
  return portal.render("list", model, request);
}

}  // namespace

void add_change_pages(Router& router, Portal& portal) {
  const auto log = std::make_shared<ChangeLog>();
  router.add(Method::get, "/changes", [&portal, log](const Request& request) { return changes_page(portal, *log, request); },
             {Access::open, Pace::read, Run::worker});
}

}  // namespace landglass::web
