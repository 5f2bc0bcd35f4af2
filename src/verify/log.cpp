#include "verify/log.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "log/act.hpp"

namespace landglass::verify {
namespace {

// 32 hex digits as the 16 bytes that they are; commands of other systems may share their first bytes, ours are random.
using CommandId = std::array<std::uint8_t, 16>;
CommandId id_of(std::string_view hex) {
  CommandId id{};
  if (const auto bytes = base::from_hex(hex); bytes && bytes->size() == id.size())
    std::copy(bytes->begin(), bytes->end(), id.begin());
  return id;
}
struct FirstBytes {
  std::size_t operator()(const CommandId& id) const {
    std::size_t hash = 0;
    std::memcpy(&hash, id.data(), sizeof hash);
    return hash;
  }
};

// What one leaf must be, seen from those before it.
class Walk {
 public:
  explicit Walk(const log::Checkpoint& head) : head_(head) {}

  std::optional<Finding> step(std::uint64_t index, std::string_view bytes, const LeafVisitor& visit) {
    const auto leaf = log::decode(bytes);
    if (!leaf) return bad("LOGV-02", "不是规范的叶子", "not a leaf", base::explain(leaf.trouble()));
    if (leaf->origin != head_.origin) return bad("LOGV-03", "叶子属于另一份日志", "of another log", leaf->origin);
    if (leaf->seq != index) return bad("LOGV-04", "序号不连续", "its number is not its place", std::to_string(leaf->seq));
    if (leaf->time < time_) {
      return bad("LOGV-05", "时间倒退", "its time is before that of the leaf before",
                 base::format_utc(leaf->time) + " < " + base::format_utc(time_));
    }
    time_ = leaf->time;
    if (!commands_.insert(id_of(leaf->command)).second)
      return bad("LOGV-10", "命令标识重复", "its command stands in the log already", leaf->command);
    if (auto finding = count(leaf->change)) return finding;
    for (const auto& effect : leaf->effects) {
      if (auto finding = count(effect)) return finding;
    }
    if (auto finding = signature(*leaf)) return finding;
    follow_keys(leaf->change);
    for (const auto& effect : leaf->effects) follow_keys(effect);
    founding(*leaf);
    if (visit) {
      const auto status = visit(*leaf, bytes);
      if (!status)
        return bad("LOGV-08", "复算与叶子不符", "recomputed, it comes out otherwise", base::explain(status.trouble()));
    }
    return std::nullopt;
  }

  std::uint64_t signed_acts() const { return signed_; }
  std::uint64_t late_founding() const { return late_; }
  std::uint64_t first_late() const { return first_late_; }

 private:
  // Who founds a house needs nobody's leave, so he is done once anybody else has acted; the clock's own acts end nothing.
  void founding(const log::Leaf& leaf) {
    if (leaf.actor != "genesis") {
      founded_ = founded_ || leaf.actor != "system";
    } else if (founded_ && late_++ == 0) {
      first_late_ = leaf.seq;
    }
  }

  std::optional<Finding> count(const log::Change& change) {
    const auto [place, fresh] = versions_.try_emplace(change.record, 0);
    auto& version = place->second;
    // A record of the sealed tree had a life before it was made public: it begins here at any version, and counts on from
    // it.
    const bool revealed = fresh && change.outcome.at("revealed") == base::Json(true);
    if (change.version != version + 1 && !(revealed && change.version > 0)) {
      return bad("LOGV-06", "记录的版本不连续", "the record's versions do not count up by one",
                 change.record + ": " + std::to_string(version) + " → " + std::to_string(change.version));
    }
    version = change.version;
    return number(change);
  }

  // Numbers count up from one in each series, so that none is issued twice and none is kept back.
  std::optional<Finding> number(const log::Change& change) {
    const auto* series = change.outcome.at("series").if_object();
    if (series == nullptr) return std::nullopt;
    for (const auto& [key, value] : *series) {
      auto& last = series_[key];
      if (!value.is_int() || value.as_int() != last + 1) {
        return bad("LOGV-11", "编号重复或跳号", "a number of a series is issued twice or skipped",
                   key + ": " + std::to_string(last) + " → " + base::canonical(value));
      }
      ++last;
    }
    return std::nullopt;
  }

  // An act signed with the key of a post: the signature fits what the leaf says, and the key was his, for this post, then.
  std::optional<Finding> signature(const log::Leaf& leaf) {
    if (leaf.change.outcome.at("signed").is_null()) return std::nullopt;
    if (const auto fits = log::check_signed(leaf); !fits)
      return bad("LOGV-10", "签名与叶子不符", "the signature is not of what the leaf says", base::explain(fits.trouble()));
    const auto held = keys_.find(leaf.sig->key);
    if (held == keys_.end() || !held->second.active || held->second.person != leaf.actor ||
        held->second.post != leaf.change.outcome.at("signed").text("post")) {
      return bad("LOGV-11", "该密钥当时对此岗位不在有效状态", "the key was not in force for this person and post then",
                 leaf.actor + " " + std::string(leaf.change.outcome.at("signed").text("post")));
    }
    ++signed_;
    return std::nullopt;
  }

  void follow_keys(const log::Change& change) {
    if (change.institution != "post-key") return;
    auto& name = key_of_[change.record];
    if (const auto key = change.set.text("key"); !key.empty()) name = key;
    auto& key = keys_[name];
    if (const auto person = change.set.text("person"); !person.empty()) key.person = person;
    if (const auto post = change.set.text("post"); !post.empty()) key.post = post;
    key.active = change.state == "active";
  }

  struct PostKey {
    std::string person;
    std::string post;
    bool active = false;
  };
  const log::Checkpoint& head_;
  std::unordered_map<std::string, PostKey> keys_;
  std::unordered_map<std::string, std::string> key_of_;  // record of a key -> the key
  std::uint64_t signed_ = 0;
  bool founded_ = false;
  std::uint64_t late_ = 0, first_late_ = 0;  // leaves of genesis after the founding
  base::Time time_{std::numeric_limits<std::int64_t>::min()};
  std::unordered_map<std::string, std::uint64_t> versions_;
  std::unordered_map<std::string, std::int64_t> series_;
  std::unordered_set<CommandId, FirstBytes> commands_;
};

std::optional<Finding> compare_tile(LogFiles& files, const log::TileName& name, const base::Bytes& ours) {
  const auto path = log::tile_path(name);
  const auto theirs = files.get(path);
  if (!theirs) return bad("LOGV-01", "缺少文件", "a file is missing", path + ": " + base::explain(theirs.trouble()));
  if (base::as_text(ours) != *theirs) return bad("LOGV-07", "瓦片与叶子不符", "the tile is not that of the leaves", path);
  return std::nullopt;
}

}  // namespace

base::Result<std::string> LogFolder::get(std::string_view path) {
  std::ifstream in(folder_ / path, std::ios::binary);
  if (!in) return base::fail("no such file: " + std::string(path));
  std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad()) return base::fail("cannot be read: " + std::string(path), true);
  return bytes;
}

LogVerdict verify_log(LogFiles& files, const log::Policy& trust, const LeafVisitor& visit) {
  LogVerdict verdict;
  const auto stop = [&verdict](Finding finding) {
    verdict.findings.push_back(std::move(finding));
    return verdict;
  };
  const auto bytes = files.get("checkpoint");
  if (!bytes) return stop(bad("LOGV-01", "缺少文件", "a file is missing", "checkpoint: " + base::explain(bytes.trouble())));
  const auto checkpoint = log::parse_checkpoint(*bytes);
  if (!checkpoint)
    return stop(bad("VER-03", "检查点无法读取", "the checkpoint cannot be read", base::explain(checkpoint.trouble())));
  verdict.head = checkpoint->head;
  const auto& head = *verdict.head;
  const auto judged = trust.judge(*checkpoint);
  if (judged.log == nullptr) {
    return stop(bad("VER-04", "检查点没有受信日志的有效签名", "no trusted log has signed the checkpoint", head.origin));
  }
  verdict.findings.push_back(
      good("检查点由日志签名", "the log has signed the checkpoint", head.origin + ", " + std::to_string(head.size)));

  Walk walk(head);
  log::Frontier frontier;
  for (std::uint64_t first = 0; first < head.size; first += log::k_tile_width) {
    const auto index = first / log::k_tile_width;
    const int width = log::tile_width(0, index, head.size);
    const auto path = log::tile_path({log::k_entries, index, width});
    const auto bundle = files.get(path);
    if (!bundle) return stop(bad("LOGV-01", "缺少文件", "a file is missing", path + ": " + base::explain(bundle.trouble())));
    const auto entries = log::split_bundle(*bundle);
    if (!entries || entries->size() != static_cast<std::size_t>(width)) {
      verdict.first_bad = first;
      return stop(bad("LOGV-02", "条目包无法读取", "the entry bundle cannot be read", path));
    }
    const auto tile = files.get(log::tile_path({0, index, width}));
    const auto named = tile ? log::Tile::parse(base::as_bytes(*tile), width) : base::Result<log::Tile>(tile.trouble());
    if (!named) return stop(bad("LOGV-01", "缺少瓦片", "a tile is missing or cut", log::tile_path({0, index, width})));
    for (std::size_t i = 0; i < entries->size(); ++i) {
      const auto hash = log::leaf_hash((*entries)[i]);
      auto finding = walk.step(first + i, (*entries)[i], visit);
      // The tile says which hash the tree has here: a leaf that was exchanged is named, not only the root missed.
      if (!finding && hash != named->node(0, i))
        finding = bad("LOGV-07", "叶子与瓦片不符", "the leaf is not the one of the tree");
      if (finding) {
        verdict.first_bad = first + i;
        finding->detail = "№ " + std::to_string(first + i) + (finding->detail.empty() ? "" : ": " + finding->detail);
        return stop(std::move(*finding));
      }
      frontier.append(hash);
      ++verdict.read;
    }
    for (const auto& full : frontier.take_full_tiles()) {
      if (full.level == 0) continue;
      if (auto finding = compare_tile(files, {full.level, full.index, log::k_tile_width}, full.hashes))
        return stop(std::move(*finding));
    }
  }
  for (const auto& partial : frontier.partial_tiles()) {
    if (partial.level == 0 || partial.hashes.empty()) continue;
    const auto width = static_cast<int>(partial.hashes.size() / 32);
    if (auto finding = compare_tile(files, {partial.level, partial.index, width}, partial.hashes))
      return stop(std::move(*finding));
  }
  if (frontier.root() != head.root) {
    return stop(bad("LOGV-09", "叶子的根与检查点不符", "the root of the leaves is not that of the checkpoint",
                    base::to_base64(frontier.root()) + " ≠ " + base::to_base64(head.root)));
  }
  verdict.findings.push_back(good("每一片叶子都相符，根与检查点一致",
                                  "every leaf fits, and their root is that of the checkpoint",
                                  std::to_string(verdict.read)));
  if (walk.signed_acts() > 0) {
    verdict.findings.push_back(good("岗位密钥签署的行为，签名与当时在用的密钥均相符",
                                    "acts signed with the key of a post: signature and key fit",
                                    std::to_string(walk.signed_acts())));
  }
  if (walk.late_founding() > 0) {
    verdict.findings.push_back(bad("LOGV-12", "建制之后仍有不经任何人许可的建制行为（genesis），须由日志持有人说明",
                                   "acts of genesis, which need nobody's leave, after the founding: who keeps the log is to "
                                   "say why",
                                   std::to_string(walk.late_founding()) + ", № " + std::to_string(walk.first_late())));
  }
  verdict.level = log::Level::logged;
  if (trust.wants_witnesses() && judged.quorum) {
    verdict.level = log::Level::witnessed;
    verdict.findings.push_back(good("足够多的见证人已联署", "enough witnesses have cosigned"));
  } else if (trust.wants_witnesses()) {
    verdict.findings.push_back(bad("VER-09", "见证人联署不足", "too few witnesses have cosigned"));
  }
  return verdict;
}

}  // namespace landglass::verify
