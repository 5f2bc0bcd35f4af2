// What may follow what is in force.
#include "institution/pack_version.hpp"

#include <algorithm>
#include <set>

#include "base/crypto.hpp"
#include "institution/load.hpp"

namespace landglass::institution {
namespace {

using base::Result;
using base::Status;

constexpr std::size_t k_most_file = std::size_t{1} << 20;  // bytes; the longest in the pack has 30 KB

base::Refusal unfit(const Institution& in, std::string zh, std::string en, std::string detail = {}) {
  auto refusal = base::refuse("PACK-10", std::move(zh), std::move(en), in.file);
  refusal.detail = base::alike(detail);
  return refusal;
}

bool is_number(const Field& field) {
  return field.type == "integer" || field.type == "money" || field.type == "area" || field.type == "boolean";
}

// The tables stand and stay: a column keeps its kind, a value that was private stays so, a record its tree.
Status fits_tables(const Institution& was, const Institution& in) {
  if (in.version <= was.version)
    return unfit(in, "版本号须大于现行版本", "the version must be higher than the one in force",
                 std::to_string(in.version) + " ≤ " + std::to_string(was.version));
  if (in.tree != was.tree || in.behaviour != was.behaviour || in.id_from != was.id_from)
    return unfit(in, "不得改变所属的树、行为或命名", "tree, behaviour and naming of records cannot change");
  if (in.parallel.size() != was.parallel.size() ||
      !std::equal(in.parallel.begin(), in.parallel.end(), was.parallel.begin(),
                  [](const Region& a, const Region& b) { return a.name == b.name; }))
    return unfit(in, "不得增减并行区域", "parallel regions cannot come or go");
  for (const auto& field : was.fields) {
    const auto* now = in.field(field.name);
    if (now == nullptr) continue;
    if (is_number(*now) != is_number(field) || now->type != field.type)
      return unfit(in, "字段类型不得改变：" + field.title.zh, "a field keeps its type", field.name);
    if (field.is_private && !now->is_private)
      return unfit(in, "不公开的字段不得改为公开：" + field.title.zh, "what was private stays private", field.name);
  }
  return base::Done{};
}

// States in which a paper may have gone out: what was announced is not touched.
std::set<std::string> after_a_paper(const Institution& was) {
  std::set<std::string> past;
  const auto add = [&](const Action& action, const std::string& here) {
    if (action.papers.empty()) return;
    if (action.to.empty()) past.insert(here);
    for (const auto& target : action.to) past.insert(target.state);
  };
  for (const auto& state : was.main.states) {
    for (const auto& action : state.actions) add(action, state.name);
    for (const auto& action : was.always) add(action, state.name);
  }
  add(was.create, was.main.initial);
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& state : was.main.states) {
      if (!past.contains(state.name)) continue;
      const auto reach = [&](const std::string& to) { grew = (!to.empty() && past.insert(to).second) || grew; };
      for (const auto& action : state.actions) {
        for (const auto& target : action.to) reach(target.state);
      }
      for (const auto& deadline : state.after) reach(deadline.to);
      if (state.phase.empty()) continue;
      for (const auto& other : was.main.states) reach(other.name);
    }
  }
  return past;
}

Status fits_running(const Institution& was, const Institution& in) {
  const auto past = after_a_paper(was);
  for (const auto& state : was.main.states) {
    if (state.final) continue;
    const auto rule = in.running.find(state.name);
    if (rule == in.running.end())
      return unfit(in, "须说明在办记录沿用还是转入：" + state.title.zh, "running says keep or move for every state",
                   state.name);
    if (rule->second.move && past.contains(state.name))
      return unfit(in, "已对外出具文书的环节只能沿用原制度：" + state.title.zh,
                   "past the first paper that went out a record keeps its version", state.name);
  }
  return base::Done{};
}

}  // namespace

Result<std::unique_ptr<Institution>> read_version(const Pack& pack, std::string_view name, std::string_view bytes) {
  const auto hash = base::to_hex(base::sha256(base::as_bytes(bytes)));
  const std::string file = (name.empty() ? std::string("file") : std::string(name) + ".yaml") + "@" + hash.substr(0, 12);
  LG_TRY(auto root, read_yaml(bytes, file));
  LG_TRY(auto shape, load_shape(root, Loading{file}, hash));
  if (!name.empty() && shape.name != name)
    return base::refuse("PACK-04", "制度名不符", "the file is of another institution: " + shape.name, file);
  const FindShape find = [&](std::string_view other) -> const Institution* {
    return other == shape.name ? &shape : pack.current(other);
  };
  LG_CHECK(load_rest(shape, root, Loading{file}, find));
  return std::make_unique<Institution>(std::move(shape));
}

Result<std::unique_ptr<Institution>> Pack::candidate(std::string_view bytes) const {
  if (bytes.size() > k_most_file)
    return base::refuse("PACK-10", "制度文件过大", "the file is larger than an institution may be",
                        std::to_string(bytes.size()) + " > " + std::to_string(k_most_file));
  LG_TRY(auto read, read_version(*this, "", bytes));
  if (const auto* was = current(read->name)) {
    LG_CHECK(fits_tables(*was, *read));
    LG_CHECK(fits_running(*was, *read));
  }
  // The others must still read what they read of it.
  for (const auto* other : all()) {
    if (other->name == read->name) continue;
    LG_TRY(auto root, read_yaml(this->bytes(other->hash), other->file));
    LG_TRY(auto shape, load_shape(root, Loading{other->file}, other->hash));
    const FindShape find = [&](std::string_view name) -> const Institution* {
      return name == read->name ? read.get() : name == shape.name ? &shape : current(name);
    };
    const auto rest = load_rest(shape, root, Loading{other->file}, find);
    if (!rest)
      return unfit(*read, "其他制度因此无法读取：" + other->title.zh, "another institution would no longer read",
                   base::explain(rest.trouble()));
  }
  return read;
}

}  // namespace landglass::institution
