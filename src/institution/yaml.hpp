#pragma once
// The declared subset of YAML in which institutions are written (docs/formats/institution.md): no anchors, aliases, tags,
// merge keys, duplicate keys or further documents. Every node knows its line, so that an error names file, line and key.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace landglass::institution {

class Node {
 public:
  enum class Form : std::uint8_t { absent, scalar, sequence, mapping };
  using Member = std::pair<std::string, Node>;

  Node();
  Node(const Node&);
  Node(Node&&) noexcept;
  Node& operator=(const Node&);
  Node& operator=(Node&&) noexcept;
  ~Node();

  Form form = Form::absent;
  std::string scalar;
  bool quoted = false;  // 'text' or "text": never a number, true, false or null
  std::vector<Node> items;
  std::vector<Member> members;
  int line = 0;
  int column = 0;

  bool is_scalar() const { return form == Form::scalar; }
  bool is_sequence() const { return form == Form::sequence; }
  bool is_mapping() const { return form == Form::mapping; }
  bool is_absent() const { return form == Form::absent; }
  bool is_true() const { return is_scalar() && !quoted && scalar == "true"; }
  const Node& at(std::string_view name) const;  // an absent node where there is none
  std::string_view text(std::string_view name) const { return at(name).scalar; }
  std::optional<std::int64_t> integer() const;
};

// Here, because a member's Node is complete only now: clang would need it inside the class.
inline Node::Node() = default;
inline Node::Node(const Node&) = default;
inline Node::Node(Node&&) noexcept = default;
inline Node& Node::operator=(const Node&) = default;
inline Node& Node::operator=(Node&&) noexcept = default;
inline Node::~Node() = default;

// Refuses PACK-01 what is not this subset; `where` is "<file>:<line>:<column>".
base::Result<Node> read_yaml(std::string_view text, std::string_view file);

// Refusal PACK-02 at a node of a file.
base::Refusal misread(std::string_view file, const Node& node, std::string_view key, std::string zh, std::string en);

}  // namespace landglass::institution
