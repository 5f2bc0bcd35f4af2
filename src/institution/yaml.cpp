#include "institution/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <set>
#include <sstream>

namespace landglass::institution {
namespace {

const Node k_absent;
constexpr std::size_t k_depth = 32;

class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(std::string_view file) : file_(file) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { scalar(mark, "", anchor, "null"); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { stop(mark, "不允许别名", "aliases are not allowed"); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    scalar(mark, tag, anchor, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Form::sequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Form::mapping);
  }
  void OnMapEnd() override { close(); }

  Node root;
  std::optional<base::Refusal> refusal;

 private:
  struct Open {
    Node node;
    std::optional<std::string> key;
    std::set<std::string> keys;
  };
  void stop(const YAML::Mark& mark, const char* zh, const std::string& en) {
    if (!refusal) {
      refusal =
          base::refuse("PACK-01", zh, en,
                       std::string(file_) + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1));
    }
  }
  void plain(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) stop(mark, "不允许锚点", "anchors are not allowed");
    if (!tag.empty() && tag != "?" && tag != "!") stop(mark, "不允许标签", "tags are not allowed");
    if (stack_.size() > k_depth) stop(mark, "嵌套过深", "nested too deep");
  }
  void scalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) {
    plain(mark, tag, anchor);
    Node node;
    node.form = Node::Form::scalar;
    node.scalar = value;
    node.quoted = tag == "!";
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    put(mark, std::move(node));
  }
  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Form form) {
    plain(mark, tag, anchor);
    Open opened;
    opened.node.form = form;
    opened.node.line = mark.line + 1;
    opened.node.column = mark.column + 1;
    stack_.push_back(std::move(opened));
  }
  void close() {
    if (stack_.empty()) return;
    auto node = std::move(stack_.back().node);
    stack_.pop_back();
    YAML::Mark mark;
    mark.line = node.line - 1;
    mark.column = node.column - 1;
    put(mark, std::move(node));
  }
  void put(const YAML::Mark& mark, Node node) {
    if (stack_.empty()) {
      root = std::move(node);
      return;
    }
    auto& top = stack_.back();
    if (top.node.is_sequence()) {
      top.node.items.push_back(std::move(node));
      return;
    }
    if (!top.key) {
      if (!node.is_scalar()) return stop(mark, "键必须是文本", "a key must be text");
      if (node.scalar == "<<") return stop(mark, "不允许合并键", "merge keys are not allowed");
      if (!top.keys.insert(node.scalar).second) return stop(mark, "键重复", "duplicate key: " + node.scalar);
      top.key = node.scalar;
      return;
    }
    top.node.members.emplace_back(std::move(*top.key), std::move(node));
    top.key.reset();
  }

  std::string_view file_;
  std::vector<Open> stack_;
};

}  // namespace

const Node& Node::at(std::string_view name) const {
  for (const auto& [key, node] : members) {
    if (key == name) return node;
  }
  return k_absent;
}

std::optional<std::int64_t> Node::integer() const {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(scalar.data(), scalar.data() + scalar.size(), value);
  if (!is_scalar() || quoted || error != std::errc() || end != scalar.data() + scalar.size() || scalar.empty())
    return std::nullopt;
  return value;
}

base::Result<Node> read_yaml(std::string_view text, std::string_view file) {
  Builder builder(file);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      return base::refuse("PACK-01", "文件为空", "the file is empty", std::string(file));
    }
    const Node first = builder.root;
    if (!builder.refusal && parser.HandleNextDocument(builder)) {
      return base::refuse("PACK-01", "只允许一个文档", "only one document is allowed", std::string(file));
    }
    builder.root = first;
  } catch (const YAML::Exception& error) {
    return base::refuse(
        "PACK-01", "不是合法的 YAML", "not YAML: " + error.msg,
        std::string(file) + ":" + std::to_string(error.mark.line + 1) + ":" + std::to_string(error.mark.column + 1));
  }
  if (builder.refusal) return *builder.refusal;
  return std::move(builder.root);
}

base::Refusal misread(std::string_view file, const Node& node, std::string_view key, std::string zh, std::string en) {
  std::string where = std::string(file) + ":" + std::to_string(node.line);
  if (!key.empty()) where += ": " + std::string(key);
  return base::refuse("PACK-02", std::move(zh), std::move(en), where);
}

}  // namespace landglass::institution
