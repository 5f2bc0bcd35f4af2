// From a decision to its leaf: salts and commitments, the open transaction, the frontier, the records.
#include "engine/engine.hpp"

#include <algorithm>

#include "engine/engine_keys.hpp"
#include "log/leaf_reader.hpp"

namespace landglass::engine {
namespace {

using base::Json;
using base::JsonObject;
using base::Result;
using base::Status;
using institution::Decided;

}  // namespace

std::string digest_of(const Command& command) {
  // The canonical bytes of an object of these five, without a copy of the fields.
  std::string body;
  body.reserve(512);
  char before = '{';
  const auto name = [&](std::string_view member) {
    body += before;
    before = ',';
    base::append_json_string(body, member);
    body += ':';
  };
  const auto text = [&](std::string_view member, const std::string& value) {
    name(member);
    base::append_json_string(body, value);
  };
  text("action", command.action);
  text("actor", command.actor);
  name("fields");
  char first = '{';
  for (const auto& [field, value] : command.fields) {
    body += first;
    first = ',';
    base::append_json_string(body, field);
    body += ':';
    base::append_canonical(body, value);
  }
  body += command.fields.empty() ? "{}" : "}";
  text("institution", command.institution);
  text("record", command.record);
  body += '}';
  return base::to_hex(base::sha256(base::as_bytes(body)));
}

namespace {

// No leaf holds the digest of a request, so a rebuild leaves none. What the leaf says of it must do then: who, what, which
// record, and each public field as it was sent. An actor whom the leaf hides cannot be told apart: refused.
bool fits(const Command& command, const log::Leaf& leaf) {
  const auto& change = leaf.change;
  if (leaf.actor.empty() || command.actor != leaf.actor) return false;
  if (!command.institution.empty() && command.institution != change.institution) return false;
  if (!command.record.empty() && (command.record != change.record || command.action != change.action)) return false;
  for (const auto& [name, value] : command.fields) {
    const auto* set = change.set.find(name);
    if (set != nullptr && *set != value) return false;
  }
  return true;
}

Result<std::array<std::uint8_t, 32>> salt_of(std::string_view text, const std::string& path) {
  const auto bytes = base::from_base64url(text);
  std::array<std::uint8_t, 32> salt{};
  if (!bytes || bytes->size() != salt.size())
    return base::refuse("EN-18", "随机盐不规范", "the salt is not 32 bytes in base64url", path);
  std::copy(bytes->begin(), bytes->end(), salt.begin());
  return salt;
}

// Whatever reads like the hash of a file: better one too many kept than one purged that a leaf cites.
Status settle_cited(store::Store& store, const Json& value) {
  if (const auto* text = value.if_string()) return text->size() == 64 ? store.settle_file(*text) : Status(base::Done{});
  if (const auto* list = value.if_array())
    for (const auto& one : *list) LG_CHECK(settle_cited(store, one));
  if (const auto* object = value.if_object())
    for (const auto& [name, one] : *object) LG_CHECK(settle_cited(store, one));
  return base::Done{};
}

}  // namespace

log::Tree Engine::tree_of(const Command& command) const {
  const std::string_view record = command.record;
  const auto* in = pack_.current(record.empty() ? command.institution : record.substr(0, record.find('/')));
  return in != nullptr && in->sealed() ? log::Tree::sealed : log::Tree::open;
}

bool Engine::went_elsewhere(const Command& command) {
  if (command.record.empty()) return false;
  const auto found = cache_.find(command.record);
  if (!found || *found == nullptr || (*found)->behaviour == nullptr) return false;
  const auto* in = registry_->institution_of(**found);
  const auto* behaviour = in == nullptr ? nullptr : registry_->behaviour(in->behaviour);
  return behaviour != nullptr && behaviour->went_elsewhere(**found);
}

// In the tree of the command's institution: a retry is of the same record, and no version of a file moves an institution
// from tree to tree. In the sealed one too where a behaviour may have put the act there.
Result<std::optional<Answer>> Engine::already(const Command& command, const std::string& digest) {
  const auto tree = tree_of(command);
  LG_TRY(auto seen, store_.seen(tree, command.id));
  if (!seen && tree == log::Tree::open && went_elsewhere(command)) {
    LG_TRY(seen, store_.seen(log::Tree::sealed, command.id));
  }
  if (!seen) return std::optional<Answer>();
  LG_TRY(auto leaves, store_.leaves(seen->tree, seen->seq, 1));
  if (leaves.empty()) return base::fail("a command was seen whose leaf is not there");
  LG_TRY(auto leaf, log::decode(leaves[0]));
  const bool same = seen->digest.empty() ? fits(command, leaf) : seen->digest == digest;
  if (!same) return base::refuse("ENG-03", "同一请求号下内容不同", "the same id with another body or actor", command.id);
  Answer answer;
  answer.tree = seen->tree;
  answer.seq = seen->seq;
  answer.leaf = std::move(leaves[0]);
  answer.record = leaf.change.record;
  answer.version = leaf.change.version;
  answer.again = true;
  return std::optional<Answer>(std::move(answer));
}

Result<Answer> Engine::execute(const Command& command, Result<Decided> decided) {
  if (!decided) return decided.trouble();
  return append(command, *std::move(decided), digest_of(command));
}

Result<Answer> Engine::append(const Command& command, Decided decided, std::string digest) {
  LG_ASSERT(decided.tree == tree_of(command) || went_elsewhere(command),
            "a leaf in another tree than where its command would be looked for");
  auto& lane = lanes_[static_cast<int>(decided.tree)];
  log::Leaf leaf;
  leaf.origin = lane.origin;
  leaf.seq = lane.frontier.size();
  leaf.time = now_;
  leaf.as_of = command.as_of.value_or(now_);
  leaf.command = command.id;
  if (!decided.hide_actor) {
    leaf.actor = command.actor;
    leaf.sig = command.sig;
  }
  struct Kept {
    std::string path;
    std::string subject;
    std::array<std::uint8_t, 32> salt;
    std::string json;
    std::size_t change;
    std::string field;
  };
  std::vector<Kept> secrets;
  secrets.reserve(decided.secrets.size());
  std::vector<JsonObject> opened(decided.effects.size() + 1);
  for (auto& secret : decided.secrets) {
    Kept kept{secret.path, secret.subject, random_.bytes32(), base::canonical(secret.value), 0, secret.path};
    const bool salted = command.statement && command.salts.find(secret.path) != nullptr;
    if (salted) {
      LG_TRY(kept.salt, salt_of(command.salts.text(secret.path), secret.path));
    }
    if (secret.path.starts_with("effects/")) {
      const auto slash = secret.path.find('/', 8);
      kept.change = 1 + static_cast<std::size_t>(std::stoul(secret.path.substr(8, slash - 8)));
      kept.field = secret.path.substr(slash + 1);
    }
    const auto commitment = log::commitment_of_text(kept.salt, lane.origin, command.id, secret.path, kept.json);
    // A private field that was signed was committed by the signer: it is that commitment or the act is another.
    if (salted && command.statement->fields.at(secret.path).text("hidden") != base::to_hex(commitment))
      return base::refuse("EN-18", "签名属于另一行为", "the signature is of another act", secret.path);
    auto& change = kept.change == 0 ? decided.change : decided.effects[kept.change - 1];
    change.commit[kept.field] = base::to_hex(commitment);
    opened[kept.change][kept.field] = std::move(secret.value);
    secrets.push_back(std::move(kept));
  }
  leaf.change = std::move(decided.change);
  leaf.effects = std::move(decided.effects);
  LG_TRY(auto bytes, log::encode(leaf));
  if (store_.files_waiting() > 0) {
    const auto settle = [this](const JsonObject& values) -> Status {
      for (const auto& [name, value] : values) LG_CHECK(settle_cited(store_, value));
      return base::Done{};
    };
    LG_CHECK(settle(leaf.change.set));
    for (const auto& effect : leaf.effects) LG_CHECK(settle(effect.set));
    for (const auto& values : opened) LG_CHECK(settle(values));
  }
  // From here nothing refuses: what the store cannot take ends the process, and a restart finds the last whole batch.
  const auto must = [&command](const Status& status) {
    if (status) return;
    const auto& of = command.record.empty() ? command.institution : command.record;
    base::bug("the store took no leaf of command " + command.id + " (" + of + " " + command.action +
                  "): " + base::explain(status.trouble()),
              __FILE__, __LINE__);
  };
  must(store_.put_leaf(decided.tree, leaf.seq, bytes));
  for (const auto& secret : secrets)
    must(store_.put_secret(decided.tree, leaf.seq, secret.path, secret.subject, secret.salt, secret.json));
  must(store_.put_seen(command.id, {decided.tree, leaf.seq, std::move(digest)}));
  lane.frontier.append(log::leaf_hash(bytes));
  for (const auto& tile : lane.frontier.take_full_tiles())
    must(store_.put_tile(decided.tree, tile.level, tile.index, tile.hashes));
  lane.grew = true;
  last_time_ = leaf.time;

  // As a rebuild will see it: a hidden actor stands in private fields alone.
  registry_->evolve(leaf.change, opened[0], leaf.actor, leaf.time, leaf.as_of, decided.tree, leaf.seq);
  for (std::size_t i = 0; i < leaf.effects.size(); ++i) {
    registry_->evolve(leaf.effects[i], opened[i + 1], leaf.actor, leaf.time, leaf.as_of, decided.tree, leaf.seq);
  }
  must(note_upkeep(leaf.change));
  for (const auto& effect : leaf.effects) must(note_upkeep(effect));
  for (std::size_t i = 0; i < decided.follow.size(); ++i) {
    auto& follow = decided.follow[i];
    const auto* follower =
        pack_.current(follow.record.empty() ? follow.institution : follow.record.substr(0, follow.record.find('/')));
    const bool hidden = follower == nullptr || follower->sealed();
    const bool derived = follow.id.empty();
    auto id = derived ? derived_id(hidden ? std::nullopt : std::optional(now_), "follow", command.id, std::to_string(i))
                      : follow.id;
    outbox_.push_back({std::move(id), std::move(follow), decided.tree == log::Tree::open ? leaf.seq : 0, {}, derived});
    outbox_changed_ = true;
    outbox_waits_.reset();
  }
  gauges_.leaves.fetch_add(1, std::memory_order_relaxed);

  Answer answer;
  answer.tree = decided.tree;
  answer.seq = leaf.seq;
  answer.leaf = std::move(bytes);
  answer.record = leaf.change.record;
  answer.version = leaf.change.version;
  if (listeners_.empty()) return answer;
  const auto tell = [&](log::Change& change) {
    published_.push_back({decided.tree, leaf.seq, leaf.time, std::move(change.record), std::move(change.institution),
                          std::move(change.action), std::move(change.state), nullptr, std::move(change.outcome)});
  };
  tell(leaf.change);
  for (auto& effect : leaf.effects) tell(effect);
  return answer;
}

}  // namespace landglass::engine
