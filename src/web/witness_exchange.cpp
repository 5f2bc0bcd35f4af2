#include "web/witness_exchange.hpp"

#include <algorithm>

namespace landglass::web {
namespace {

constexpr int k_tries = 3;

// Its second lies somewhere in [told, told + 1 s); ours is known to lie in [sent, answered].
std::int64_t clock_off(base::Time told, base::Time sent, base::Time answered) {
  if (const auto ahead = told - answered; ahead > k_clock_slack_ms) return ahead;
  if (const auto behind = told + base::k_second - sent; behind < -k_clock_slack_ms) return behind;
  return 0;
}

}  // namespace

ExchangeEnd WitnessExchange::ask(const engine::Head& head, log::TileSource* tiles, const WitnessSend& send,
                                 base::Clock& clock) {
  ExchangeEnd end;
  const auto sent_head = log::parse_checkpoint(head.checkpoint);
  LG_ASSERT(sent_head, "our own checkpoint does not parse");
  for (int i = 0; i < k_tries; ++i) {
    log::AddCheckpoint request{size_, {}, head.checkpoint};
    if (size_ > head.size) {
      end.kind = ExchangeEnd::Kind::ahead;
      end.size = size_;
      end.why = "it has cosigned " + std::to_string(size_) + " leaves";
      return end;
    }
    if (size_ > 0 && size_ < head.size) {
      auto proof = head.frontier.consistency(size_, head.size, tiles);
      if (!proof) {
        end.why = base::explain(proof.trouble());
        return end;
      }
      request.proof = std::move(*proof);
    }
    const auto before = clock.now();
    const auto answer = send(request.format());
    const auto after = clock.now();
    if (!answer) {
      end.why = base::explain(answer.trouble());
      return end;
    }
    auto reply = log::read_answer(*answer, request, *sent_head, witness_.key);
    end.why = std::move(reply.why);
    switch (reply.said) {
      case log::WitnessSaid::cosigned:
        end.kind = ExchangeEnd::Kind::cosigned;
        end.signature = std::move(reply.signature);
        end.size = size_ = head.size;
        end.clock_off_ms = clock_off(log::cosigned_at(end.signature).value_or(before), before, after);
        return end;
      case log::WitnessSaid::fork: end.kind = ExchangeEnd::Kind::fork; return end;
      case log::WitnessSaid::refused: end.kind = ExchangeEnd::Kind::refused; return end;
      case log::WitnessSaid::failed: return end;
      case log::WitnessSaid::at_size:
        if (reply.size == request.old_size) return end;  // it contradicts itself
        size_ = reply.size;
        break;
    }
  }
  return end;
}

std::int64_t retry_after_ms(const ExchangeEnd& end, int failures) {
  if (end.kind == ExchangeEnd::Kind::refused) return 60'000;
  return std::min<std::int64_t>(30'000, std::int64_t{1'000} << std::clamp(failures - 1, 0, 5));
}

}  // namespace landglass::web
