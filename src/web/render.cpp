#include "web/render.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <kainjow/mustache.hpp>
#include <map>
#include <mutex>
#include <sstream>
#include <vector>

#include "web/chinese_marks.hpp"

namespace landglass::web {
namespace fs = std::filesystem;
namespace mustache = kainjow::mustache;
namespace {

base::Result<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file) return base::fail("cannot read " + path.string());
  return std::move(content).str();
}

using Sources = std::map<std::string, std::string, std::less<>>;

// `{{> name}}` and one line's end after it become the partial. kainjow would parse it anew at each use.
base::Result<std::string> paste(const Sources& sources, const std::string& name, std::vector<std::string>& inside) {
  const auto found = sources.find(name);
  if (found == sources.end() || std::find(inside.begin(), inside.end(), name) != inside.end()) {
    return base::refuse("PAGE-PARTIAL", "页面模板的组成部分缺失或循环引用", "a partial is absent or holds itself", name);
  }
  inside.push_back(name);
  std::string out;
  std::string_view rest = found->second;
  while (true) {
    const auto open = rest.find("{{>");
    out += rest.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = rest.find("}}", open);
    if (close == std::string_view::npos) return base::refuse("PAGE-PARSE", "页面模板有误", "a tag does not end", name);
    auto partial = rest.substr(open + 3, close - open - 3);
    partial.remove_prefix(std::min(partial.find_first_not_of(' '), partial.size()));
    partial = partial.substr(0, partial.find_last_not_of(' ') + 1);
    LG_TRY(const auto pasted, paste(sources, std::string(partial), inside));
    out += pasted;
    rest.remove_prefix(close + 2);
    if (rest.starts_with("\n")) rest.remove_prefix(1);
  }
  inside.pop_back();
  return out;
}

mustache::data to_data(const base::Json& value) {
  if (const auto* text = value.if_string()) return mustache::data(*text);
  if (const auto* number = value.if_int()) return mustache::data(std::to_string(*number));
  if (const auto* flag = value.if_bool()) return mustache::data(*flag);
  if (const auto* array = value.if_array()) {
    mustache::data list(mustache::data::type::list);
    for (const auto& item : *array) list.push_back(to_data(item));
    return list;
  }
  if (const auto* object = value.if_object()) {
    mustache::data out(mustache::data::type::object);
    for (const auto& [name, member] : *object) out.set(name, to_data(member));
    return out;
  }
  return mustache::data(value.is_null() ? mustache::data(false) : mustache::data(base::canonical(value)));
}

}  // namespace

struct Templates::Impl {
  struct Template {
    std::string source;
    // Rendering changes a parsed template, so each render borrows one and gives it back.
    mutable std::mutex mutex;
    mutable std::vector<std::unique_ptr<mustache::mustache>> idle;
  };
  std::map<std::string, Template, std::less<>> pages;
  mustache::data texts[2];
};

Templates::Templates(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Templates::~Templates() = default;

base::Result<std::unique_ptr<Templates>> Templates::open(const std::string& folder, const std::string& texts_file) {
  Sources sources;
  std::error_code ec;
  for (fs::directory_iterator at(folder, ec), end; !ec && at != end; at.increment(ec)) {
    if (at->path().extension() != ".mustache") continue;
    LG_TRY(sources[at->path().stem().string()], read_file(at->path()));
  }
  if (ec) return base::fail("templates " + folder + ": " + ec.message());
  auto impl = std::make_unique<Impl>();
  for (const auto& [name, source] : sources) {
    // A page that nobody can forget to escape: the two unescaped forms do not exist here.
    if (source.find("{{{") != std::string::npos || source.find("{{&") != std::string::npos) {
      return base::refuse("PAGE-RAW", "页面模板不得输出未转义内容", "a template renders something unescaped", name);
    }
    if (name.starts_with("_")) continue;
    std::vector<std::string> inside;
    LG_TRY(auto whole, paste(sources, name, inside));
    auto parsed = std::make_unique<mustache::mustache>(whole);
    if (!parsed->is_valid()) return base::refuse("PAGE-PARSE", "页面模板有误", parsed->error_message(), name);
    auto& page = impl->pages[name];
    page.source = std::move(whole);
    page.idle.push_back(std::move(parsed));
  }
  if (!texts_file.empty()) {
    LG_TRY(const auto content, read_file(texts_file));
    LG_TRY(const auto texts, base::parse_json(content, base::Profile::any));
    for (const auto language : {Language::zh, Language::en})
      impl->texts[static_cast<int>(language)] = to_data(localise(texts, language));
  }
  return std::unique_ptr<Templates>(new Templates(std::move(impl)));
}

bool Templates::has(std::string_view name) const { return impl_->pages.find(name) != impl_->pages.end(); }

std::string Templates::render(std::string_view name, const base::Json& model, Language language) const {
  const auto found = impl_->pages.find(name);
  LG_ASSERT(found != impl_->pages.end(), "no such page template: " + std::string(name));
  const auto& page = found->second;
  auto data = to_data(localise(model, language));
  if (!data.get("lang")) data.set("lang", std::string(language == Language::zh ? "zh" : "en"));
  if (!data.get("html_lang")) data.set("html_lang", std::string(language == Language::zh ? "zh-CN" : "en"));
  if (!data.get("t")) data.set("t", impl_->texts[static_cast<int>(language)]);

  std::unique_ptr<mustache::mustache> parsed;
  {
    const std::lock_guard lock(page.mutex);
    if (!page.idle.empty()) {
      parsed = std::move(page.idle.back());
      page.idle.pop_back();
    }
  }
  if (!parsed) parsed = std::make_unique<mustache::mustache>(page.source);
  std::string out;
  parsed->render(data, [&out](const std::string& piece) { out += piece; });
  const std::lock_guard lock(page.mutex);
  page.idle.push_back(std::move(parsed));
  return language == Language::en ? mark_chinese(out) : out;
}

base::Json localise(const base::Json& model, Language language) {
  if (const auto* array = model.if_array()) {
    base::JsonArray out;
    out.reserve(array->size());
    for (const auto& item : *array) out.push_back(localise(item, language));
    return out;
  }
  const auto* object = model.if_object();
  if (!object) return model;
  if (object->size() == 2) {
    const auto* zh = model.at("zh").if_string();
    const auto* en = model.at("en").if_string();
    if (zh && en) return in(base::Text{*zh, *en}, language);
  }
  base::JsonObject out;
  out.reserve(object->size());
  for (const auto& [name, member] : *object) out.insert(name, localise(member, language));
  return out;
}

std::string json_in_html(const base::Json& value) {
  std::string out;
  for (const char c : base::canonical(value)) {
    if (c == '<')
      out += "\\u003c";
    else
      out.push_back(c);
  }
  return out;
}

}  // namespace landglass::web
