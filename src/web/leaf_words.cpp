#include "web/leaf_words.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "web/assets.hpp"
#include "web/http.hpp"
#include "web/router.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Institution;

namespace {

constexpr std::size_t k_most_codes = 300;  // a table past it is of divisions and the like: its codes stand as they are
constexpr std::string_view k_words_slot = R"(id="institution-words">{})";

using Titles = std::map<std::string, std::vector<Text>, std::less<>>;

void add_title(Titles& titles, const std::string& name, const Text& title) {
  auto& known = titles[name];
  const bool there = std::any_of(known.begin(), known.end(), [&](const Text& one) { return one.zh == title.zh; });
  if (!title.empty() && !there) known.push_back(title);
}

Titles titles_of(const Institution& in) {
  Titles titles;
  add_title(titles, in.create.name, in.create.title);
  for (const auto& action : in.always) add_title(titles, action.name, action.title);
  const auto of_region = [&](const institution::Region& region) {
    for (const auto& state : region.states) {
      for (const auto& action : state.actions) add_title(titles, action.name, action.title);
    }
  };
  of_region(in.main);
  for (const auto& region : in.parallel) of_region(region);
  // What no file titles: of every record, and of a sale.
  const auto unless_titled = [&](const char* name, const Text& title) {
    if (titles.find(name) == titles.end()) add_title(titles, name, title);
  };
  unless_titled("hold", {"中止", "Hold"});
  unless_titled("lift", {"解除中止", "Hold lifted"});
  if (in.behaviour.starts_with("auction@")) {
    unless_titled("offer", {"报价", "Offer"});
    unless_titled("tick", {"计时", "Tick"});
    unless_titled("wish", {"愿意继续竞价", "Wishes to go on"});
  }
  return titles;
}

Text any_of(const std::vector<Text>& titles) {
  Text all;
  for (const auto& one : titles) all = all.empty() ? one : Text{all.zh + "，或者" + one.zh, all.en + ", or: " + one.en};
  return all;
}

Json pair(const Text& title) { return JsonArray{title.zh, title.en}; }

JsonObject codes(const std::vector<institution::Choice>& values) {
  JsonObject out;
  for (const auto& one : values) {
    if (!one.title.empty()) out[one.key] = pair(one.title);
  }
  return out;
}

Json file_words(const Institution& in, std::set<std::string, std::less<>>& tables) {
  JsonObject acts, states, fields;
  for (const auto& [name, titles] : titles_of(in)) {
    if (!titles.empty()) acts[name] = pair(any_of(titles));
  }
  for (const auto& state : in.main.states) {
    if (!state.title.empty()) states[state.name] = pair(state.title);
  }
  for (const auto& region : in.parallel) {
    for (const auto& state : region.states) {
      if (!state.title.empty()) states[region.name + ":" + state.name] = pair(state.title);
    }
  }
  for (const auto& field : in.fields) {
    if (field.title.empty()) continue;
    JsonArray one{field.title.zh, field.title.en, field.type};
    if (!field.values.empty()) {
      one.push_back(codes(field.values));
    } else if (!field.table.empty()) {
      tables.insert(field.table);
      one.push_back(field.table);
    }
    fields[field.name] = std::move(one);
  }
  return JsonObject{{"institution", in.name},
                    {"title", pair(in.title)},
                    {"acts", std::move(acts)},
                    {"states", std::move(states)},
                    {"fields", std::move(fields)}};
}

// Made once for the versions that are loaded, until another is.
class Made {
 public:
  explicit Made(const institution::Pack& pack) : pack_(pack) {}

  std::shared_ptr<const std::string> words() {
    std::vector<std::string> digests;
    for (const auto* in : pack_.all()) {
      for (const auto* version : pack_.versions(in->name)) digests.push_back(version->hash);
    }
    const std::scoped_lock lock(mutex_);
    if (words_ == nullptr || digests != digests_) {
      words_ = std::make_shared<const std::string>(base::canonical(leaf_words(pack_)));
      digests_ = std::move(digests);
    }
    return words_;
  }

 private:
  const institution::Pack& pack_;
  std::mutex mutex_;
  std::vector<std::string> digests_;
  std::shared_ptr<const std::string> words_;
};

// As a script's data in a page nothing of it may end the script.
std::string within_page(std::string_view json) {
  std::string out;
  for (const char c : json) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

Response saved_verifier(Made& made, const Assets& assets) {
  auto page = assets.serve(assets.hashed("verify-page.html"), Request());
  if (page.status != 200 || page.body == nullptr) return page;
  auto body = *page.body;
  if (const auto at = body.find(k_words_slot); at != std::string::npos)
    body.replace(at + k_words_slot.size() - 2, 2, within_page(*made.words()));
  auto response = text(200, std::move(body), "text/html; charset=utf-8");
  response.header("content-disposition", "attachment; filename=\"landglass-verify.html\"");
  return response.header("cache-control", "no-cache");
}

}  // namespace

Text act_in_words(const Institution& in, std::string_view action) {
  if (action.starts_with("due:")) return {"期限届满", "Deadline passed"};
  const auto colon = action.find(":concur");
  const auto titles = titles_of(in);
  const auto found = titles.find(action.substr(0, colon));
  if (found == titles.end()) return {};
  auto title = any_of(found->second);
  if (colon == std::string_view::npos || title.empty()) return title;
  return {title.zh + "（待会同）", title.en + " (to be concurred)"};
}

Text states_in_words(const Institution& in, std::string_view states) {
  Text all;
  while (!states.empty()) {
    const auto one = states.substr(0, states.find('|'));
    states.remove_prefix(std::min(states.size(), one.size() + 1));
    const auto colon = one.find(':');
    const institution::State* found = nullptr;
    if (colon == std::string_view::npos) found = in.main.find(one);
    for (const auto& region : in.parallel) {
      if (colon != std::string_view::npos && region.name == one.substr(0, colon)) found = region.find(one.substr(colon + 1));
    }
    if (found == nullptr || found->title.empty()) return {};
    all = all.empty() ? found->title : Text{all.zh + "、" + found->title.zh, all.en + ", " + found->title.en};
  }
  return all;
}

Json leaf_words(const institution::Pack& pack) {
  JsonObject files, tables;
  std::set<std::string, std::less<>> wanted;
  for (const auto* in : pack.all()) {
    for (const auto* version : pack.versions(in->name)) files[version->hash] = file_words(*version, wanted);
  }
  for (const auto& name : wanted) {
    const auto* table = pack.table(name);
    if (table != nullptr && table->values.size() <= k_most_codes) tables[name] = codes(table->values);
  }
  return JsonObject{{"files", std::move(files)}, {"tables", std::move(tables)}};
}

void add_leaf_words(Router& router, const institution::Pack& pack, std::shared_ptr<const Assets> assets) {
  const RouteOptions aside{Access::open, Pace::read, Run::worker};
  const auto made = std::make_shared<Made>(pack);
  router.add(
      Method::get, "/words",
      [made](const Request& request) { return cached(request, text(200, *made->words(), "application/json"), "no-cache"); },
      aside);
  router.add(
      Method::get, "/verify.html", [made, assets](const Request&) { return saved_verifier(*made, *assets); }, aside);
}

}  // namespace landglass::web
