// The two levels of the log as anyone sees them: checkpoints, receipts, whom to believe, and who cosigns or does not.
#include "log/receipt.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/reader_tiles.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;

namespace {

std::string whole_seconds(std::int64_t ms) { return std::to_string((ms + 999) / 1'000); }

}  // namespace

std::shared_ptr<const engine::Head> Portal::witnessed_head() const {
  const auto held = witnesses_ == nullptr ? nullptr : witnesses_->witnessed();
  return held == nullptr ? nullptr : held->head;
}

Json Portal::level_model(std::uint64_t seq) const {
  if (witnesses_ == nullptr) return JsonObject{{"text", both("已入日志", "logged")}, {"tone", "good"}};
  const auto held = witnesses_->witnessed();
  if (held != nullptr && seq < held->head->size) {
    const auto count = std::to_string(held->names.size());
    return JsonObject{{"text", both("已见证（" + count + " 方联署）", "witnessed, cosigned by " + count)}, {"tone", "good"}};
  }
  const auto lag = whole_seconds(witnesses_->lag_ms());
  return JsonObject{{"text", both("已入日志，待见证已 " + lag + " 秒", "logged, waiting for witnesses for " + lag + " s")},
                    {"tone", "warn"}};
}

Json Portal::witnesses_panel() const {
  if (witnesses_ == nullptr) return {};
  JsonArray list;
  const auto row = [&list](Json name, std::string zh, std::string en, const char* tone) {
    list.push_back(JsonObject{{"name", std::move(name)}, {"text", both(std::move(zh), std::move(en))}, {"tone", tone}});
  };
  if (const auto why = engine_.halted(); why && why->code != "LOG-03") {
    row(why->code, "停止写入：" + why->say.zh, "nothing is written: " + why->say.en, "bad");
  } else if (const auto since = witnesses_->outage()) {
    const auto when = base::format_local(*since);
    row(both("本日志", "this log"), "自 " + when + " 起见证人联署不足，终局行为暂停，报价照常",
        "too few cosign since " + when + ": final acts wait, bidding goes on", "bad");
  }
  if (const auto held = witnesses_->witnessed()) {
    const auto size = std::to_string(held->head->size);
    const auto when = base::format_local(held->at);
    row(both("本日志", "this log"), "已见证至 " + size + " 条，" + when, "witnessed up to " + size + " leaves, " + when,
        "good");
  }
  for (const auto& one : witnesses_->standings()) {
    const auto size = std::to_string(one.size);
    if (one.seen && one.trouble.empty())
      row(one.name, "已联署 " + size + " 条", "cosigned " + size + " leaves", "good");
    else if (one.trouble.empty())
      row(one.name, "尚未应答", "has not answered yet", "info");
    else
      row(one.name, "未联署：" + one.trouble, "does not cosign: " + one.trouble, "bad");
  }
  return items(std::move(list));
}

// Without witnesses the newest that the log has signed; with them the newest that a quorum has cosigned, so that whoever
// reads the log by its checkpoint reads what is final. /checkpoint/logged is always the newest.
Response Portal::checkpoint(const Request& request) {
  const auto cosigned = witnessed_head();
  const auto head = cosigned != nullptr ? cosigned : engine_.head(log::Tree::open);
  return cached(request, text(200, head->checkpoint), "no-cache");
}

Response Portal::newest_checkpoint(const Request& request) {
  return cached(request, text(200, engine_.head(log::Tree::open)->checkpoint), "no-cache");
}

std::string Portal::trusted() const {
  std::string policy =
      witnesses_ == nullptr ? "log " + engine_.verifier_key() + "\nquorum none\n" : witnesses_->policy_text();
  if (witnesses_ != nullptr) {
    if (const auto since = witnesses_->outage())
      policy += "# too few witnesses cosign since " + base::format_utc(*since) + "\n";
  }
  return policy;
}

Response Portal::trust(const Request& request) { return cached(request, text(200, trusted()), "no-cache"); }

Response Portal::witness_figures(const Request& request) {
  if (witnesses_ == nullptr)
    return problem(base::Trouble(base::refuse("EN-01", "本日志未配置见证人", "no witnesses are configured")), request);
  return json(200, witnesses_json(*witnesses_, engine_.head(log::Tree::open)->size)).header("cache-control", "no-store");
}

base::Result<Json> Portal::receipt_json(const engine::Head& head, std::uint64_t seq) {
  auto connection = reader(store::Sight::open);
  LG_TRY(auto leaf, connection->leaf(log::Tree::open, seq));
  if (!leaf) return base::refuse("EN-01", "没有此条目", "no such leaf", std::to_string(seq));
  ReaderTiles tiles(*connection);
  log::Receipt receipt;
  receipt.leaf = *leaf;
  receipt.proof.index = seq;
  LG_TRY(receipt.proof.proof, head.frontier.inclusion(seq, &tiles));
  receipt.proof.checkpoint = head.checkpoint;
  return base::parse_json(receipt.format(), base::Profile::any);
}

base::Result<Json> Portal::best_receipt(std::uint64_t seq) {
  const auto cosigned = witnessed_head();
  return receipt_json(cosigned != nullptr && seq < cosigned->size ? *cosigned : *engine_.head(log::Tree::open), seq);
}

// Under the best checkpoint that covers the leaf; ?level=logged asks for the newest of the log alone, ?level=witnessed for
// none but a witnessed one.
Response Portal::receipt(const Request& request) {
  const auto seq = log::parse_decimal(request.parameter("index"));
  const auto newest = engine_.head(log::Tree::open);
  const auto level = request.query.get("level");
  if (!seq || *seq >= newest->size)
    return refuse(base::refuse("EN-01", "没有此条目", "no such leaf", std::string(request.parameter("index"))), request);
  if (!level.empty() && level != "logged" && level != "witnessed")
    return refuse(base::refuse("HTTP-QUERY", "level 应为 logged 或 witnessed", "level is logged or witnessed", "level"),
                  request);
  const auto cosigned = level == "logged" ? nullptr : witnessed_head();
  const bool covered = cosigned != nullptr && *seq < cosigned->size;
  if (level == "witnessed" && !covered) {
    auto wait =
        refuse(base::refuse("EN-12", "该条目尚未经见证", "this leaf is not witnessed yet", std::to_string(*seq)), request);
    return wait.header("retry-after", "1");
  }
  auto made = receipt_json(covered ? *cosigned : *newest, *seq);
  if (!made) return problem(made.trouble(), request);
  auto response = json(200, *made);
  response.header("content-disposition", "attachment; filename=\"receipt-" + std::to_string(*seq) + ".json\"");
  return response;
}

}  // namespace landglass::web
