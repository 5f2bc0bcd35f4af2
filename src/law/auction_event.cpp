#include "law/auction_event.hpp"

#include <algorithm>
#include <array>

#include "base/bytes.hpp"

namespace landglass::law {
namespace {

// In the order of sale::Event.
constexpr std::array<std::string_view, 13> k_actions{"offer",          "tick",         "wish",   "begin",  "call",
                                                     "fall",           "adjust",       "freeze", "resume", "withdraw",
                                                     "commit_reserve", "open_reserve", "draw"};

struct Fields {
  const base::JsonObject& set;
  std::optional<base::Refusal> first;

  void wrong(std::string_view name) {
    if (!first)
      first = base::refuse("AU-04", "交易事件的字段缺失或有误", "a field of the event is missing or malformed",
                           std::string(name));
  }
  const base::Json& at(std::string_view name) {
    static const base::Json absent;
    const auto* found = set.find(name);
    return found ? *found : absent;
  }
  std::int64_t integer(std::string_view name, bool needed) {
    const auto& value = at(name);
    if (value.is_int()) return value.as_int();
    if (needed || !value.is_null()) wrong(name);
    return 0;
  }
  base::Money money(std::string_view name) {
    const auto* text = at(name).if_string();
    const auto value = text ? base::parse_money(*text) : std::nullopt;
    if (!value || base::money_text(*value) != *text) wrong(name);
    return value.value_or(base::Money{});
  }
  base::Time time(std::string_view name) {
    const auto* text = at(name).if_string();
    const auto value = text ? base::parse_time(*text) : std::nullopt;
    if (!value) wrong(name);
    return value.value_or(base::Time{});
  }
  base::Bytes bytes32(std::string_view name) {
    const auto* text = at(name).if_string();
    auto value = text ? base::from_hex(*text) : std::nullopt;
    if (value && value->size() == 32) return *std::move(value);
    wrong(name);
    return base::Bytes(32);
  }
  base::Hash hash(std::string_view name) {
    base::Hash out{};
    const auto bytes = bytes32(name);
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
  }
};

sale::Offer offer_of(Fields& in, const base::Json& secret, base::Time time) {
  sale::Offer offer;
  offer.time = time;
  offer.price = in.money("price");
  offer.other = in.integer("other", false);
  if (const auto& confirmed = in.at("confirmed"); confirmed.is_bool()) offer.confirmed = confirmed.as_bool();
  if (secret.is_null()) return offer;
  const auto* plate = secret.at("plate").if_int();
  const auto* counter = secret.at("counter").if_int();
  if (!plate || *plate < 1 || *plate > UINT32_MAX)
    in.wrong("bidder.plate");
  else
    offer.plate = static_cast<std::uint32_t>(*plate);
  if (!counter || *counter < 1)
    in.wrong("bidder.counter");
  else
    offer.counter = static_cast<std::uint64_t>(*counter);
  return offer;
}

sale::Event read(std::string_view action, Fields& in, const base::Json& secret, base::Time time) {
  if (action == "offer") return offer_of(in, secret, time);
  if (action == "tick") return sale::Tick{time};
  if (action == "wish") {
    const auto plate = in.integer("plate", true);
    if (plate < 1 || plate > UINT32_MAX) in.wrong("plate");
    return sale::Wish{time, static_cast<std::uint32_t>(plate)};
  }
  if (action == "begin") {
    if (!secret.is_null() && !secret.is_int()) in.wrong("bidders");
    return sale::Begin{time, secret.is_int() ? secret.as_int() : 0};
  }
  if (action == "call") return sale::Call{time, in.integer("n", true)};
  if (action == "fall") return sale::Fall{time};
  if (action == "freeze") return sale::Freeze{time};
  if (action == "withdraw") return sale::Withdraw{time};
  if (action == "resume") return sale::Resume{time, in.time("until"), in.integer("extra_ms", false)};
  if (action == "commit_reserve") return sale::CommitReserve{time, in.hash("commitment")};
  if (action == "open_reserve") return sale::OpenReserve{time, in.money("price"), in.bytes32("salt")};
  if (action == "draw")
    return sale::Draw{time, in.hash("root"), in.bytes32("salt"),
                      static_cast<std::uint64_t>(std::max<std::int64_t>(0, in.integer("root_size", true)))};
  auto tiers = parse_increments(in.at("increments"));
  if (!tiers) in.wrong("increments");
  return sale::Adjust{time, tiers ? *std::move(tiers) : std::vector<IncrementTier>()};
}

struct Set {
  base::JsonObject operator()(const sale::Offer& offer) const {
    base::JsonObject set{{"price", base::money_text(offer.price)}};
    if (offer.other != 0) set["other"] = offer.other;
    if (offer.confirmed) set["confirmed"] = true;
    return set;
  }
  base::JsonObject operator()(const sale::Wish& wish) const { return {{"plate", std::int64_t{wish.plate}}}; }
  base::JsonObject operator()(const sale::Call& call) const { return {{"n", call.n}}; }
  base::JsonObject operator()(const sale::Adjust& adjust) const { return {{"increments", to_json(adjust.increments)}}; }
  base::JsonObject operator()(const sale::Resume& resume) const {
    base::JsonObject set{{"until", base::format_utc(resume.at)}};
    if (resume.extra_ms != 0) set["extra_ms"] = resume.extra_ms;
    return set;
  }
  base::JsonObject operator()(const sale::CommitReserve& commit) const {
    return {{"commitment", base::to_hex(commit.commitment)}};
  }
  base::JsonObject operator()(const sale::OpenReserve& open) const {
    return {{"price", base::money_text(open.price)}, {"salt", base::to_hex(open.salt)}};
  }
  base::JsonObject operator()(const sale::Draw& draw) const {
    return {{"root", base::to_hex(draw.root)}, {"root_size", draw.root_size}, {"salt", base::to_hex(draw.salt)}};
  }
  template <class Plain>
  base::JsonObject operator()(const Plain&) const {
    return {};
  }
};

}  // namespace

bool is_sale_action(std::string_view action) {
  return std::find(k_actions.begin(), k_actions.end(), action) != k_actions.end();
}

std::string_view sale_secret(std::string_view action) {
  return action == "offer" ? "bidder" : action == "begin" ? "bidders" : "";
}

base::Result<sale::Event> sale_event(std::string_view action, const base::JsonObject& set, const base::Json& secret,
                                     base::Time time) {
  if (!is_sale_action(action)) return base::refuse("AU-04", "不是交易事件", "no event of a sale", std::string(action));
  Fields in{set, std::nullopt};
  auto event = read(action, in, secret, time);
  if (in.first) return *in.first;
  return event;
}

std::string_view sale_action(const sale::Event& event) { return k_actions[event.index()]; }
base::JsonObject sale_set(const sale::Event& event) { return std::visit(Set{}, event); }

}  // namespace landglass::law
