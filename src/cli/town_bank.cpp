// The town's bank is simulated (演示): its statements are real files through the real door, its errors are those of real
// payers and banks.
#include "cli/town.hpp"

namespace landglass::cli {

using base::Status;

namespace {

// An index of sealed records that a file's fact keeps.
std::vector<std::string> listed(institution::Registry& registry, engine::Cache& cache, std::string_view institution,
                                std::string_view fact, const std::string& key) {
  const auto* in = registry.pack().current(institution);
  const auto* kept = in == nullptr ? nullptr : in->fact(fact);
  if (kept == nullptr) return {};
  auto ids = cache.index(kept->key + "|" + key, true);
  return ids ? *ids : std::vector<std::string>();
}

}  // namespace

std::vector<money::Refund> Town::orders() {
  std::vector<money::Refund> list;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    for (const auto& id : listed(registry, cache, "custody-account", "orders", who("custody"))) {
      auto found = cache.find(id);
      if (!found || *found == nullptr) continue;
      const auto& fields = (*found)->fields;
      list.push_back({std::string(fields.text("order_no")), std::nullopt, std::string(fields.text("payee_name")),
                      std::string(fields.text("payee_account")),
                      base::parse_money(fields.text("amount")).value_or(base::Money{}), base::date_of(now()),
                      money::RefundState::ordered, money::TransferId{}});
    }
  });
  return list;
}

std::vector<std::string> Town::bounced() {
  std::vector<std::string> list;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    list = listed(registry, cache, "custody-account", "returned", who("custody"));
  });
  return list;
}

Status Town::bank() {
  const auto custody = who("custody");
  const auto account = doc(custody);
  if (!bank_) {
    bank_ = std::make_unique<money::BankSimulator>(std::string(account.at("fields").text("number")), base::Money{},
                                                   base::date_of(now()), random_.below(1U << 30), errors_);
  }
  const auto csv = bank_->statement_until(std::exchange(to_pay_, {}), orders(), now());
  LG_TRY(auto file, store_.keep_file(csv));
  LG_TRY(auto taken, act("bank", custody, "take", {{"statement_file", file}}));
  if (clock_ != nullptr) {
    while (engine_.step()) {
    }
  }
  return base::Done{};
}

}  // namespace landglass::cli
