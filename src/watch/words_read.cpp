#include "watch/words_read.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include "engine/cache.hpp"
#include "institution/signed_act.hpp"

namespace landglass::watch {

using engine::Cache;
using institution::Institution;

namespace {

struct Token {
  enum class Kind { name, text, mark } kind = Kind::mark;
  std::string text;
};

bool begins_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Names, texts and single marks; what SQLite would read differently it has refused before.
std::vector<Token> tokens(std::string_view sql) {
  std::vector<Token> list;
  for (std::size_t i = 0; i < sql.size();) {
    const char c = sql[i];
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++i;
    } else if (c == '\'' || c == '"') {
      Token one{c == '\'' ? Token::Kind::text : Token::Kind::name, {}};
      for (++i; i < sql.size(); ++i) {
        if (sql[i] == c && (i + 1 == sql.size() || sql[i + 1] != c)) break;
        if (sql[i] == c) ++i;
        one.text += sql[i];
      }
      ++i;
      list.push_back(std::move(one));
    } else if (begins_name(c)) {
      const auto from = i;
      while (i < sql.size() && (begins_name(sql[i]) || std::isdigit(static_cast<unsigned char>(sql[i])) != 0)) ++i;
      list.push_back({Token::Kind::name, std::string(sql.substr(from, i - from))});
    } else {
      list.push_back({Token::Kind::mark, std::string(1, c)});
      ++i;
    }
  }
  return list;
}

bool one_of(std::string word, std::initializer_list<std::string_view> words) {
  for (auto& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return std::find(words.begin(), words.end(), word) != words.end();
}

// By which names each table is called: its own and those that follow it in FROM and JOIN.
std::map<std::string, std::set<std::string>> aliases(const std::vector<Token>& list, const std::set<std::string>& tables) {
  std::map<std::string, std::set<std::string>> names;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].kind != Token::Kind::name || !tables.contains(list[i].text)) continue;
    names[list[i].text].insert(list[i].text);
    auto next = i + 1;
    if (next < list.size() && one_of(list[next].text, {"AS"})) ++next;
    if (next < list.size() && list[next].kind == Token::Kind::name &&
        !one_of(list[next].text, {"ON", "WHERE", "JOIN", "LEFT", "INNER", "CROSS", "NATURAL", "ORDER", "GROUP", "LIMIT",
                                  "UNION", "EXCEPT", "USING", "INDEXED", "NOT"}))
      names[list[next].text].insert(list[i].text);
  }
  return names;
}

// "$.done.\"due:signing\".time" -> done, due:signing, time
std::vector<std::string> steps(std::string_view path) {
  std::vector<std::string> list;
  for (std::size_t i = 1; i < path.size();) {
    if (path[i] != '.') break;  // an index of a list: what lies in it is the field's own
    ++i;
    std::string one;
    if (i < path.size() && path[i] == '"') {
      for (++i; i < path.size() && path[i] != '"'; ++i) one += path[i];
      ++i;
    } else {
      for (; i < path.size() && path[i] != '.' && path[i] != '['; ++i) one += path[i];
    }
    list.push_back(std::move(one));
  }
  return list;
}

std::vector<const institution::Region*> regions_of(const Institution& in) {
  std::vector<const institution::Region*> list{&in.main};
  for (const auto& region : in.parallel) list.push_back(&region);
  return list;
}

bool has_deadline(const Institution& in, std::string_view name) {
  const auto regions = regions_of(in);
  return std::any_of(regions.begin(), regions.end(), [&](const auto* region) {
    return std::any_of(region->states.begin(), region->states.end(), [&](const auto& state) {
      return std::any_of(state.after.begin(), state.after.end(), [&](const auto& one) { return one.name == name; });
    });
  });
}

bool has_state(const Institution& in, std::string_view name) {
  const auto regions = regions_of(in);
  return std::any_of(regions.begin(), regions.end(), [&](const auto* region) { return region->find(name) != nullptr; });
}

}  // namespace

std::vector<WordRead> words_read(std::string_view sql, const std::set<std::string>& tables) {
  const auto list = tokens(sql);
  const auto names = aliases(list, tables);
  std::vector<WordRead> words;
  WordRead now;
  bool reading = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto& one = list[i];
    if (one.kind == Token::Kind::mark) continue;
    if (one.kind == Token::Kind::text) {
      if (!reading || now.in_doc != one.text.starts_with("$.")) continue;
      now.word = now.in_doc ? one.text : one.text.substr(0, one.text.find_first_of("|%"));
      if (!now.word.empty()) words.push_back(now);
      continue;
    }
    if (one_of(one.text, {"IN", "NOT", "IS", "LIKE"})) continue;
    // Another column, function or word: what follows is no longer compared with the one before.
    reading = one.text == "doc" || one.text == "state";
    if (!reading) continue;
    now = {tables, one.text == "doc", {}};
    if (i >= 2 && list[i - 1].text == "." && list[i - 2].kind == Token::Kind::name) {
      const auto known = names.find(list[i - 2].text);
      if (known != names.end()) now.tables = known->second;
    }
  }
  return words;
}

bool has_word(const Institution& in, const WordRead& read) {
  if (!read.in_doc) return has_state(in, read.word);
  const auto path = steps(read.word);
  if (path.size() < 2) return true;  // what every record has
  if (path[0] == "fields") return in.field(path[1]) != nullptr;
  if (path[0] != "done") return true;
  if (path[1].starts_with("due:")) return has_deadline(in, std::string_view(path[1]).substr(4));
  return path[1] == "@create" || institution::find_action(in, path[1]) != nullptr;
}

std::string word_gone(const Rule& rule, const Institution& was, const Institution& is) {
  const auto table = Cache::table_of(was.name);
  std::set<std::string> tables{Cache::table_of(rule.subject)};
  for (const auto& touch : rule.touched_by) tables.insert(Cache::table_of(touch.institution));
  if (!tables.contains(table)) return {};
  std::vector<std::string> queries{rule.when, rule.recheck};
  for (const auto& touch : rule.touched_by) queries.push_back(touch.find);
  for (const auto& query : queries) {
    for (const auto& read : words_read(query, tables)) {
      if (read.tables.contains(table) && has_word(was, read) && !has_word(is, read)) return read.word;
    }
  }
  return {};
}

}  // namespace landglass::watch
