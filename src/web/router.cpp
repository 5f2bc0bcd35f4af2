#include "web/router.hpp"

#include <algorithm>
#include <map>

#include "web/uri.hpp"

namespace landglass::web {
namespace {

constexpr std::size_t k_max_segments = 32;

// "{name}.pdf" → prefix "", name "name", suffix ".pdf".
struct Piece {
  std::string prefix;
  std::string name;
  std::string suffix;
  bool tail = false;
};

Piece parse_piece(std::string_view segment) {
  Piece piece;
  const auto open = segment.find('{');
  if (open == std::string_view::npos) {
    piece.prefix = std::string(segment);
    return piece;
  }
  const auto close = segment.find('}', open);
  LG_ASSERT(close != std::string_view::npos, "a route's pattern has an open brace");
  piece.prefix = std::string(segment.substr(0, open));
  auto name = segment.substr(open + 1, close - open - 1);
  if (name.size() > 3 && name.substr(name.size() - 3) == "...") {
    piece.tail = true;
    name.remove_suffix(3);
  }
  LG_ASSERT(!name.empty(), "a route's parameter has no name");
  piece.name = std::string(name);
  piece.suffix = std::string(segment.substr(close + 1));
  return piece;
}

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  segments.reserve(8);
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const auto end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

}  // namespace

struct Router::Node {
  struct Branch {
    Piece piece;
    std::unique_ptr<Node> node;
  };
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::vector<Branch> parameters;  // those with more literal text first
  std::vector<const Route*> here;
  std::vector<const Route*> tail;
  std::string tail_name;
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

void Router::add(Method method, std::string pattern, Handler handler, RouteOptions options) {
  auto route = std::make_unique<Route>();
  route->method = method;
  route->pattern = std::move(pattern);
  route->options = std::move(options);
  route->handler = std::move(handler);
  insert(std::move(route));
}

void Router::add_async(Method method, std::string pattern, AsyncHandler handler, RouteOptions options) {
  auto route = std::make_unique<Route>();
  route->method = method;
  route->pattern = std::move(pattern);
  route->options = std::move(options);
  route->async = std::move(handler);
  insert(std::move(route));
}

void Router::insert(std::unique_ptr<Route> route) {
  LG_ASSERT(!route->pattern.empty() && route->pattern[0] == '/', "a route's pattern begins with a slash");
  Node* node = root_.get();
  auto* place = &node->here;
  for (const auto segment : split(route->pattern)) {
    LG_ASSERT(place == &node->here, "nothing follows the tail of a route's pattern");
    Piece piece = parse_piece(segment);
    if (piece.name.empty()) {
      auto& next = node->literals[piece.prefix];
      if (!next) next = std::make_unique<Node>();
      node = next.get();
    } else if (piece.tail) {
      node->tail_name = piece.name;
      place = &node->tail;
      continue;
    } else {
      auto& branches = node->parameters;
      auto found = std::find_if(branches.begin(), branches.end(), [&](const Node::Branch& branch) {
        return branch.piece.prefix == piece.prefix && branch.piece.name == piece.name && branch.piece.suffix == piece.suffix;
      });
      if (found == branches.end()) {
        const auto weight = [](const Piece& p) { return p.prefix.size() + p.suffix.size(); };
        found = std::find_if(branches.begin(), branches.end(),
                             [&](const Node::Branch& branch) { return weight(branch.piece) < weight(piece); });
        found = branches.insert(found, Node::Branch{piece, std::make_unique<Node>()});
      }
      node = found->node.get();
    }
    place = &node->here;
  }
  for (const auto* other : *place) LG_ASSERT(other->method != route->method, "a route stands twice: " + route->pattern);
  place->push_back(route.get());
  routes_.push_back(std::move(route));
}

namespace {

const Route* of_method(const std::vector<const Route*>& routes, Method method) {
  const Route* fallback = nullptr;
  for (const auto* route : routes) {
    if (route->method == method) return route;
    if (method == Method::head && route->method == Method::get) fallback = route;
  }
  return fallback;
}

}  // namespace

Router::Match Router::match(Method method, std::string_view path) const {
  Match match;
  if (path.empty() || path[0] != '/') return match;
  const auto raw = split(path);
  if (raw.size() > k_max_segments) return match;
  std::vector<std::string> decoded;
  decoded.reserve(raw.size());
  for (const auto segment : raw) {
    auto plain = decode_segment(segment);
    if (!plain || *plain == "." || *plain == "..") return match;
    decoded.push_back(std::move(*plain));
  }

  std::vector<const Route*> elsewhere;  // the path is right, the method is not
  const auto accept = [&](const std::vector<const Route*>& routes) {
    if (routes.empty()) return false;
    if ((match.route = of_method(routes, method))) return true;
    elsewhere.insert(elsewhere.end(), routes.begin(), routes.end());
    return false;
  };
  const auto walk = [&](const auto& self, const Node& node, std::size_t at) -> bool {
    if (at == decoded.size()) return accept(node.here);
    const auto& segment = decoded[at];
    if (const auto found = node.literals.find(segment); found != node.literals.end()) {
      if (self(self, *found->second, at + 1)) return true;
    }
    for (const auto& [piece, next] : node.parameters) {
      if (segment.size() <= piece.prefix.size() + piece.suffix.size()) continue;
      if (segment.compare(0, piece.prefix.size(), piece.prefix) != 0) continue;
      if (segment.compare(segment.size() - piece.suffix.size(), piece.suffix.size(), piece.suffix) != 0) continue;
      if (self(self, *next, at + 1)) {
        match.parameters.add(
            piece.name, segment.substr(piece.prefix.size(), segment.size() - piece.prefix.size() - piece.suffix.size()));
        return true;
      }
    }
    if (!node.tail.empty() && accept(node.tail)) {
      std::string rest;
      for (std::size_t i = at; i < decoded.size(); ++i) rest += (i == at ? "" : "/") + decoded[i];
      match.parameters.add(node.tail_name, std::move(rest));
      return true;
    }
    return false;
  };
  if (walk(walk, *root_, 0)) return match;
  for (const auto& [name, known] :
       {std::pair("GET", Method::get), std::pair("HEAD", Method::head), std::pair("POST", Method::post),
        std::pair("PUT", Method::put), std::pair("PATCH", Method::patch), std::pair("DELETE", Method::del),
        std::pair("OPTIONS", Method::options)}) {
    if (of_method(elsewhere, known)) match.allow += (match.allow.empty() ? "" : ", ") + std::string(name);
  }
  return match;
}

std::vector<const Route*> Router::routes() const {
  std::vector<const Route*> all;
  for (const auto& route : routes_) all.push_back(route.get());
  return all;
}

}  // namespace landglass::web
