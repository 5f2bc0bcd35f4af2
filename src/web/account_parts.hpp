#pragma once
// Parts of the pages of accounts (docs/formats/page-model.md, AccountPage): inputs that are no field of a record, and
// sections.

#include <string>
#include <utility>

#include "web/portal_model.hpp"

namespace landglass::web {

inline base::Json text_input(const char* id, const char* name, const base::Text& label, const char* autocomplete,
                             std::string_view value, const base::Text& help = {}, const base::Text& error = {}) {
  base::JsonObject input{{"id", id},        {"name", name},     {"label", both(label)},
                         {"as_text", true}, {"required", true}, {"autocomplete", autocomplete}};
  if (!value.empty()) input["value"] = std::string(value);
  if (!help.zh.empty()) input["help"] = both(help);
  if (!error.zh.empty()) input["error"] = both(error);
  return base::Json(std::move(input));
}
inline base::Json password_input(const char* id, const char* name, const base::Text& label, const char* autocomplete,
                                 const base::Text& help = {}, const base::Text& error = {}) {
  base::JsonObject input{{"id", id},
                         {"name", name},
                         {"label", both(label)},
                         {"as_password", true},
                         {"required", true},
                         {"autocomplete", autocomplete}};
  if (!help.zh.empty()) input["help"] = both(help);
  if (!error.zh.empty()) input["error"] = both(error);
  return base::Json(std::move(input));
}
inline base::Json code_input(const char* id, const base::Text& error = {}) {
  base::JsonObject input{{"id", id},        {"name", "code"},   {"label", both("六位动态口令", "Code of six digits")},
                         {"as_code", true}, {"required", true}, {"autocomplete", "one-time-code"}};
  if (!error.zh.empty()) input["error"] = both(error);
  return base::Json(std::move(input));
}
inline base::JsonObject small_form(const char* id, const char* action, const base::Text& submit, base::JsonArray inputs) {
  return {{"id", id}, {"action", action}, {"submit", both(submit)}, {"command", id}, {"inputs", std::move(inputs)}};
}
inline base::JsonObject part(const char* id, const base::Text& title, const base::Text& text = {}) {
  base::JsonObject made{{"id", id}, {"title", both(title)}};
  if (!text.zh.empty()) made["text"] = both(text);
  return made;
}
inline std::string in_fours(std::string text) {
  for (std::size_t at = 4; at < text.size(); at += 5) text.insert(at, " ");
  return text;
}

inline const base::Text k_password_rule{"至少十个字符；不要与其他网站相同。",
                                        "At least ten characters, and none that another site has."};

}  // namespace landglass::web
