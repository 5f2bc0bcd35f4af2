#include "cli/verify_words.hpp"

#include "base/number.hpp"
#include "web/leaf_words.hpp"

namespace landglass::cli {
namespace {

std::string in_words(const base::Text& title, std::string_view key) {
  if (title.empty()) return std::string(key);
  return title.zh + " / " + title.en + " (" + std::string(key) + ")";
}

}  // namespace

base::Result<LeafWords> LeafWords::of(const std::string& pack, const std::string& data) {
  LeafWords words;
  if (pack.empty()) return words;
  LG_TRY(auto loaded, institution::Pack::load(pack, data));
  words.pack_ = std::move(loaded);
  return words;
}

const institution::Institution* LeafWords::file_of(const log::Change& change) const {
  if (pack_ == nullptr) return nullptr;
  const auto* itself = pack_->by_hash(change.file);
  return itself != nullptr && itself->name == change.institution ? itself : nullptr;
}

std::string LeafWords::record(const log::Change& change) const {
  const auto* in = file_of(change);
  return in == nullptr ? change.record : in_words(in->title, change.record);
}

std::string LeafWords::action(const log::Change& change) const {
  const auto* in = file_of(change);
  return in == nullptr ? change.action : in_words(web::act_in_words(*in, change.action), change.action);
}

std::string LeafWords::state(const log::Change& change) const {
  const auto* in = file_of(change);
  return in == nullptr ? change.state : in_words(web::states_in_words(*in, change.state), change.state);
}

base::Text LeafWords::field(const log::Change& change, std::string_view name) const {
  const auto* in = file_of(change);
  const auto* field = in == nullptr ? nullptr : in->field(name);
  return field == nullptr || field->title.empty() ? base::alike(name) : field->title;
}

base::Text LeafWords::opened(const log::Leaf& leaf, std::string_view path) const {
  constexpr std::string_view k_effects = "effects/";
  if (!path.starts_with(k_effects)) return field(leaf.change, path);
  const auto rest = path.substr(k_effects.size());
  const auto slash = rest.find('/');
  const auto at = base::whole_number<std::size_t>(rest.substr(0, slash));
  if (slash == std::string_view::npos || !at || *at >= leaf.effects.size()) return base::alike(path);
  return field(leaf.effects[*at], rest.substr(slash + 1));
}

base::Text LeafWords::note(const log::Change& change) const {
  if (pack_ == nullptr) return {};
  if (file_of(change) != nullptr)
    return {
        "名称取自哈希与叶子所载相符的制度文件，不属于所证明的内容；证明的是括号中的原文",
        "the words are of the file whose digest the leaf states, and no part of the proof: that is what stands in brackets"};
  if (pack_->current(change.institution) == nullptr)
    return {"制度包里没有这个制度：以下为原文", "the pack has no such institution: keys alone"};
  return {"制度包里没有叶子所载的那一版制度文件：以下为原文", "the pack has another version of the file: keys alone"};
}

}  // namespace landglass::cli
