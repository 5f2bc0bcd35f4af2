// What leaves the site for other programs and readers: the feed of changes, registers as CSV, and the warnings raised.
#include <algorithm>
#include <map>

#include "log/leaf.hpp"
#include "web/act_titles.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/register_file.hpp"
#include "web/uri.hpp"
#include "web/warned.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;

namespace {

constexpr std::uint64_t k_feed_items = 50;
constexpr std::uint64_t k_feed_reach = 4'000;  // leaves looked at for them: a bidding war fills many
constexpr std::size_t k_warnings = 5'000;
constexpr std::uint64_t k_sealed_looked_through = 200'000;  // leaves, after a start
constexpr std::size_t k_sealed_told = 200;
constexpr int k_csv_rows = 20'000;

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out.push_back(c);
    }
  }
  return out;
}

}  // namespace

// The newest changes of records, without the ticks and offers of sales, which the lots' own streams carry. Each has the
// index of its leaf for an id, so that a reader who keeps the last one knows what is new.
Response Portal::feed(const Request& request) {
  const auto language = request.language();
  const auto head = engine_.head(log::Tree::open);
  auto connection = reader(store::Sight::open);
  struct Item {
    std::uint64_t index;
    log::Leaf leaf;
  };
  std::vector<Item> list;
  const auto floor = head->size > k_feed_reach ? head->size - k_feed_reach : 0;
  for (auto end = head->size; end > floor && list.size() < k_feed_items;) {
    const auto from = end > floor + 200 ? end - 200 : floor;
    auto leaves = connection->leaves(log::Tree::open, from, end - from);
    if (!leaves) return problem(leaves.trouble(), request);
    for (std::size_t i = leaves->size(); i-- > 0 && list.size() < k_feed_items;) {
      auto leaf = log::decode((*leaves)[i]);
      if (!leaf || leaf->change.action == "tick" || leaf->change.action == "offer" || leaf->change.record.empty()) continue;
      list.push_back({from + i, std::move(*leaf)});
    }
    end = from;
  }
  const auto title_of = [&](const log::Leaf& leaf) {
    const auto* found = pack_.current(leaf.change.institution);
    const Text name = found == nullptr ? Text{leaf.change.institution, leaf.change.institution} : found->title;
    const Text act = found == nullptr ? Text{leaf.change.action, leaf.change.action}
                                      : action_title_in(*found, leaf.change.action, leaf.change.state);
    return in(Text{name.zh + "：" + act.zh, name.en + ": " + act.en}, language);
  };
  const std::string root = (request.secure ? "https://" : "http://") + request.host;
  const auto site = in(options_.name, language);
  const auto what = in(Text{site + "：变更", site + ": changes"}, language);
  const auto updated = list.empty() ? clock_.now() : list.front().leaf.time;
  if (request.path == "/feed.json") {
    JsonArray entries;
    for (const auto& item : list) {
      const auto index = std::to_string(item.index);
      entries.push_back(JsonObject{{"id", index},
                                   {"url", root + "/r/" + item.leaf.change.record},
                                   {"title", title_of(item.leaf)},
                                   {"content_text", item.leaf.change.record},
                                   {"date_published", base::format_utc(item.leaf.time)},
                                   {"_landglass", JsonObject{{"index", static_cast<std::int64_t>(item.index)},
                                                             {"record", item.leaf.change.record},
                                                             {"action", item.leaf.change.action},
                                                             {"leaf", root + "/log/" + index},
                                                             {"receipt", root + "/receipt/" + index}}}});
    }
    JsonObject body{{"version", "https://jsonfeed.org/version/1.1"},
                    {"title", what},
                    {"home_page_url", root + "/"},
                    {"feed_url", root + "/feed.json"},
                    {"language", language == Language::zh ? "zh-CN" : "en"},
                    {"items", std::move(entries)}};
    return cached(request, text(200, base::canonical(Json(std::move(body))), "application/feed+json; charset=utf-8"),
                  "no-cache");
  }
  const auto& origin = engine_.options().origin;
  std::string out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"";
  out += language == Language::zh ? "zh-CN" : "en";
  out += "\">\n<title>" + xml(what) + "</title>\n<id>urn:landglass:" + xml(origin) + ":feed</id>\n";
  out += "<link rel=\"self\" href=\"" + xml(root) + "/feed\"/>\n<link href=\"" + xml(root) + "/\"/>\n";
  out += "<author><name>" + xml(in(options_.authority, language)) + "</name></author>\n";
  out += "<updated>" + base::format_utc(updated) + "</updated>\n";
  for (const auto& item : list) {
    const auto index = std::to_string(item.index);
    const auto time = base::format_utc(item.leaf.time);
    out += "<entry><id>urn:landglass:" + xml(origin) + ":" + index + "</id><title>" + xml(title_of(item.leaf)) + "</title>";
    out += "<updated>" + time + "</updated><link href=\"" + xml(root + "/r/" + item.leaf.change.record) + "\"/>";
    out += "<link rel=\"related\" href=\"" + xml(root) + "/log/" + index + "\"/><summary>" + xml(item.leaf.change.record) +
           "</summary></entry>\n";
  }
  return cached(request, text(200, out + "</feed>\n", "application/atom+xml; charset=utf-8"), "no-cache");
}

// A public register as a table: one column a field, for a spreadsheet: amounts in 元, areas in m², times in Beijing time.
Response Portal::register_csv(const Request& request) {
  const std::string institution(request.parameter("institution"));
  const auto* found = pack_.current(institution);
  if (found == nullptr || found->sealed())
    return problem(base::Trouble(base::refuse("EN-01", "没有此登记簿", "no such register", institution)), request);
  auto rows = reader(store::Sight::open)
                  ->query("SELECT id, state, changed, doc FROM " + engine::Cache::table_of(institution) +
                              "_public WHERE id > ? ORDER BY id LIMIT " + std::to_string(k_csv_rows),
                          {Json(std::string(request.query.get("after")))});
  if (!rows) return problem(rows.trouble(), request);
  auto names = this->names();
  auto out = csv_of(*found, *rows, names, *this, request.language());
  auto response = text(200, std::move(out), "text/csv; charset=utf-8; header=present");
  response.header("content-disposition", "attachment; filename=\"" + institution + ".csv\"");
  if (rows->size() == static_cast<std::size_t>(k_csv_rows)) {
    response.header("link",
                    "</csv/" + institution + "?after=" + encode_component(rows->back()[0].as_string()) + ">; rel=\"next\"");
  }
  return cached(request, std::move(response), "no-cache");
}

// Warnings stand in the outcomes of leaves. They are found by going through the log once, and then its new end; of the
// sealed tree through its newest leaves.
void Portal::gather_warnings(log::Tree tree) {
  const bool open = tree == log::Tree::open;
  const std::lock_guard lock(open ? warnings_mutex_ : sealed_warnings_mutex_);
  auto& found = open ? warnings_ : sealed_warnings_;
  auto& seen = open ? warnings_seen_ : sealed_warnings_seen_;
  const auto size = engine_.head(tree)->size;
  if (!open && seen == 0 && size > k_sealed_looked_through) seen = size - k_sealed_looked_through;
  auto connection = reader(open ? store::Sight::open : store::Sight::internal);
  while (seen < size) {
    auto leaves = connection->leaves(tree, seen, std::min<std::uint64_t>(500, size - seen));
    if (!leaves || leaves->empty()) return;
    for (const auto& bytes : *leaves) {
      const auto index = seen++;
      if (bytes.find("\"raise\":[") == std::string::npos) continue;
      auto leaf = log::decode(bytes);
      if (!leaf) continue;
      const auto take = [&](const log::Change& change) {
        const auto* raised = change.outcome.at("raise").if_array();
        if (raised == nullptr) return;
        for (const auto& one : *raised) {
          found.push_back({index, leaf->time, change.institution, change.record, std::string(one.text("code")),
                           std::string(one.text("detail"))});
        }
      };
      take(leaf->change);
      for (const auto& effect : leaf->effects) take(effect);
    }
    while (found.size() > k_warnings) found.pop_front();
  }
}

std::vector<Portal::Warning> Portal::sealed_warnings(const Request& request) {
  std::vector<Warning> told;
  if (!request.caller) return told;
  gather_warnings(log::Tree::sealed);
  std::vector<Warning> all;
  {
    const std::lock_guard lock(sealed_warnings_mutex_);
    all.assign(sealed_warnings_.rbegin(), sealed_warnings_.rend());
  }
  std::map<std::string, bool> lists;
  std::erase_if(all, [&](const Warning& one) {
    const auto [place, fresh] = lists.try_emplace(one.institution, false);
    const auto* in = fresh ? pack_.current(one.institution) : nullptr;
    if (in != nullptr) place->second = !lists_sealed(request, *in).empty();
    return !place->second;
  });
  if (all.size() > k_sealed_told) all.resize(k_sealed_told);
  const auto now = clock_.now();
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    for (auto& one : all) {
      const auto held = cache.find(one.record);
      if (!held || *held == nullptr) continue;
      const institution::Record record = **held;  // looking further may let a clean record go
      const auto* in = registry.institution_of(record);
      if (in != nullptr && may_see(registry, cache, *in, record, request, now)) told.push_back(std::move(one));
    }
  });
  return told;
}

Response Portal::warnings(const Request& request) {
  gather_warnings();
  const std::string query(request.query.get("q"));
  const std::string wanted(request.query.get("code") == "all" ? "" : request.query.get("code"));
  const auto number = page_number(request.query.get("page"));
  constexpr std::size_t k_page = 50;
  std::vector<Warning> list = sealed_warnings(request);
  const auto sealed = list.size();
  {
    const std::lock_guard lock(warnings_mutex_);
    list.insert(list.end(), warnings_.rbegin(), warnings_.rend());
  }
  std::inplace_merge(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(sealed), list.end(),
                     [](const Warning& a, const Warning& b) { return a.time > b.time; });
  struct Raised {
    std::string institution;  // whose words the code has
    std::size_t count = 0;
  };
  std::map<std::string, Raised> counts;
  std::erase_if(list, [&](const Warning& one) {
    auto& raised = counts[one.code];
    if (++raised.count == 1) raised.institution = one.institution;
    return (!wanted.empty() && one.code != wanted) ||
           (!query.empty() && one.record.find(query) == std::string::npos && one.detail.find(query) == std::string::npos);
  });
  auto model = page(request, {"预警", "Warnings"});
  auto names = this->names();
  JsonArray rows;
  for (std::size_t i = (static_cast<std::size_t>(number) - 1) * k_page; i < list.size() && rows.size() < k_page; ++i) {
    const auto& one = list[i];
    const auto* in = pack_.current(one.institution);
    const auto known = in == nullptr ? Warned() : warned_by(pack_, *in, one.code);
    JsonObject what{{"label", both("情形", "What")}};
    what["text"] = known.say.empty() ? Json(one.detail.empty() ? one.code : one.detail) : both(known.say);
    Text sub{known.law, citations_.in_english(known.law)};
    if (in != nullptr && !known.say.empty() && !one.detail.empty() && one.detail != known.say.zh) {
      const std::string between = sub.empty() ? "" : " · ";
      sub.zh += between + one.detail;
      sub.en += between + Citations::found_in_english(*in, one.detail);
    }
    if (!sub.empty()) what["sub"] = both(sub);
    const auto index = std::to_string(one.index);
    JsonObject leaf{{"label", both("日志", "Leaf")}, {"text", both("密封", "sealed")}};
    if (in == nullptr || !in->sealed())
      leaf = {{"label", both("日志", "Leaf")}, {"text", index}, {"to", "/log/" + index}, {"numeric", true}};
    const auto called = names.of(one.record);
    rows.push_back(JsonObject{
        {"cells",
         JsonArray{JsonObject{{"label", both("代码", "Code")}, {"chip", JsonObject{{"text", one.code}, {"tone", "warn"}}}},
                   std::move(what),
                   JsonObject{{"label", both("记录", "Record")},
                              {"text", called.empty() ? Json(number_of(one.record)) : both(called)},
                              {"to", href_of(one.record)},
                              {"head", true},
                              {"sub", in == nullptr ? Json(one.institution) : both(in->title)}},
                   JsonObject{{"label", both("时间", "When")},
                              {"text", base::format_local(one.time).substr(0, 10)},
                              {"sub", base::format_local(one.time).substr(11, 5)}},
                   std::move(leaf)}}});
  }
  JsonArray options{JsonObject{{"value", "all"}, {"label", both("全部", "All")}}};
  for (const auto& [code, raised] : counts) {
    const auto label = code_and_words(pack_, raised.institution, code);
    const auto count = std::to_string(raised.count);
    JsonObject option{{"value", code}, {"label", both(label.zh + "（" + count + "）", label.en + " (" + count + ")")}};
    if (code == wanted) option["selected"] = true;
    options.push_back(std::move(option));
  }
  JsonObject filter{{"action", "/warnings"},
                    {"placeholder", both("记录编号或文字", "Number of a record, or words")},
                    {"choices", JsonArray{JsonObject{
                                    {"name", "code"}, {"label", both("代码", "Code")}, {"options", std::move(options)}}}}};
  if (!query.empty()) filter["query"] = query;
  JsonObject out{
      {"id", "warnings"},
      {"lead", both("制度文件规定的预警：谁的期限过了，什么被冻结、终止或宣布无效。预警不是结论，也不公布人名。",
                    "Warnings that the institutions call for: which deadline passed, what was frozen, ended or "
                    "declared void. A warning is no verdict and names nobody.")},
      {"total", both("共 " + std::to_string(list.size()) + " 条", std::to_string(list.size()) + " in all")},
      {"filter", std::move(filter)},
      {"columns", JsonArray{JsonObject{{"label", both("代码", "Code")}}, JsonObject{{"label", both("情形", "What")}},
                            JsonObject{{"label", both("记录", "Record")}}, JsonObject{{"label", both("时间", "When")}},
                            JsonObject{{"label", both("日志", "Leaf")}, {"numeric", true}}}}};
  if (rows.empty()) {
    out["nothing"] =
        JsonObject{{"title", both("没有预警", "No warnings")}, {"text", both("没有符合条件的预警。", "No warning fits.")}};
  } else {
    out["rows"] = items(std::move(rows));
  }
  put_paging(out, number, static_cast<std::size_t>(number) * k_page < list.size(), [&](int n) {
    return "/warnings?page=" + std::to_string(n) + (wanted.empty() ? "" : "&code=" + wanted) +
           (query.empty() ? "" : "&q=" + encode_component(query));
  });
  model.as_object()["list"] = std::move(out);
  auto response = render("list", model, request);
  return request.caller ? own_page(std::move(response)) : response;
}

}  // namespace landglass::web
