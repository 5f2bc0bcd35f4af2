#include "log/policy.hpp"

#include <algorithm>
#include <set>

namespace landglass::log {
namespace {

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (true) {
    const auto start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos) return words;
    line.remove_prefix(start);
    const auto end = line.find_first_of(" \t");
    words.emplace_back(line.substr(0, end));
    line.remove_prefix(words.back().size());
  }
}

// Reads one policy; names of witnesses and groups share one space, and each may be a member once.
struct Reading {
  std::set<std::string> names = {"none"};
  std::set<std::string> members;
  std::set<std::array<std::uint8_t, 32>> log_keys;
  std::set<std::array<std::uint8_t, 32>> witness_keys;
  bool quorum = false;

  bool define(const std::string& name) { return names.insert(name).second; }
  bool known(const std::string& name) const { return name != "none" && names.contains(name); }
};

}  // namespace

base::Result<Policy> Policy::parse(std::string_view text) {
  Policy policy;
  Reading reading;
  int number = 0;
  const auto wrong = [&number](std::string en) {
    return base::refuse("POL-01", "信任策略的这一行不成立", "the policy is wrong here: " + std::move(en),
                        "line " + std::to_string(number));
  };
  while (!text.empty()) {
    ++number;
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (std::any_of(line.begin(), line.end(),
                    [](char c) { return (static_cast<std::uint8_t>(c) < 0x20 && c != '\t') || c == 0x7F; })) {
      return wrong("a control character");
    }
    const auto words = words_of(line);
    if (words.empty() || words[0].starts_with('#')) continue;
    const auto url = [&words](std::size_t at) { return words.size() > at ? words[at] : std::string(); };
    if (words[0] == "log" && (words.size() == 2 || words.size() == 3)) {
      const auto key = VerifierKey::parse(words[1]);
      if (!key || key->kind != KeyKind::log || !reading.log_keys.insert(key->key).second) return wrong("the key of the log");
      policy.logs_.push_back({*key, url(2)});
    } else if (words[0] == "witness" && (words.size() == 3 || words.size() == 4)) {
      const auto key = VerifierKey::parse(words[2]);
      if (!key || key->kind != KeyKind::witness || !reading.witness_keys.insert(key->key).second)
        return wrong("the key of the witness");
      if (!reading.define(words[1])) return wrong("the name stands already");
      policy.witnesses_.push_back({words[1], *key, url(3)});
    } else if (words[0] == "group" && words.size() >= 4) {
      Group group;
      group.members.assign(words.begin() + 3, words.end());
      const auto count = group.members.size();
      const auto least = words[2] == "all" ? count : words[2] == "any" ? 1 : parse_decimal(words[2]).value_or(0);
      if (least < 1 || least > count) return wrong("how many of the group");
      group.least = static_cast<std::size_t>(least);
      for (const auto& member : group.members) {
        if (!reading.known(member)) return wrong("a member that no line before defines");
        if (!reading.members.insert(member).second) return wrong("a member of two groups");
      }
      if (!reading.define(words[1])) return wrong("the name stands already");
      policy.groups_[words[1]] = std::move(group);
    } else if (words[0] == "quorum" && words.size() == 2) {
      if (reading.quorum || (words[1] != "none" && !reading.known(words[1]))) return wrong("the quorum");
      reading.quorum = true;
      policy.quorum_ = words[1];
    } else {
      return wrong("expected log, witness, group or quorum");
    }
  }
  if (!reading.quorum) return wrong("no quorum line");
  return policy;
}

bool Policy::stands(const std::string& name, const std::vector<std::string>& names) const {
  const auto group = groups_.find(name);
  if (group == groups_.end()) return std::find(names.begin(), names.end(), name) != names.end();
  const auto& members = group->second.members;
  const auto count =
      std::count_if(members.begin(), members.end(), [&](const auto& member) { return stands(member, names); });
  return static_cast<std::size_t>(count) >= group->second.least;
}

bool Policy::quorum_of(const std::vector<std::string>& names) const { return quorum_ == "none" || stands(quorum_, names); }

Witnessed Policy::judge(const SignedCheckpoint& checkpoint) const {
  Witnessed found;
  for (const auto& log : logs_) {
    // A log's sealed tree is signed by the log's own key; no witness sees it (docs/formats/receipt.md).
    const auto& origin = checkpoint.head.origin;
    const bool of_it = log.key.name == origin || log.key.name + "/sealed" == origin;
    if (of_it && find_valid(checkpoint.note, log.key) != nullptr) found.log = &log;
  }
  for (const auto& witness : witnesses_) {
    const auto* signature = find_valid(checkpoint.note, witness.key);
    if (signature == nullptr) continue;
    found.witnesses.push_back(witness.name);
    found.latest = std::max(found.latest, cosigned_at(*signature));
  }
  found.quorum = found.log != nullptr && quorum_of(found.witnesses);
  return found;
}

}  // namespace landglass::log
