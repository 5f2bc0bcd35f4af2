#pragma once
// Three kinds of trouble, three channels (docs/decisions/0002): a Refusal is a rule's "no", a Failure is the
// world's "not now", and a bug aborts. Result<T> holds the first two and cannot be dropped.

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace landglass::base {

// What a person reads: Chinese first, English beside it.
struct Text {
  std::string zh;
  std::string en;
  bool operator==(const Text&) const = default;
  bool empty() const { return zh.empty() && en.empty(); }
};
// What is the same in both: a figure, a name, a number.
inline Text alike(std::string_view text) { return {std::string(text), std::string(text)}; }

// A rule says no. `code` is stable (LL-03); `law` is its legal ground as cited to the reader ("国土资发〔2010〕34号 art.
// 1"); `where` names what is wrong and where (a field path, file:line:key); `detail` prints both sides of a failed
// comparison, in words; `that` is the condition as its file has it, for machines; `also` holds what else is in the way,
// where the action tells all of it.
struct Refusal {
  std::string code;
  Text say;
  std::string law;
  std::string where;
  Text detail;
  std::string that;
  std::vector<Refusal> also;
};

// The world says not now: disk full, peer gone. Retryable only where trying again cannot do harm.
struct Failure {
  std::string what;
  bool retryable = false;
};

using Trouble = std::variant<Refusal, Failure>;

inline Refusal refuse(std::string code, std::string zh, std::string en, std::string where = {}, std::string law = {}) {
  return Refusal{std::move(code), Text{std::move(zh), std::move(en)}, std::move(law), std::move(where), {}, {}, {}};
}
inline Failure fail(std::string what, bool retryable = false) { return Failure{std::move(what), retryable}; }

// A broken invariant: say which, and stop. A restart replays the log; going on could write a lie into it.
[[noreturn]] inline void bug(std::string_view why, const char* file, int line) {
  std::fprintf(stderr, "landglass: bug: %.*s (%s:%d)\n", static_cast<int>(why.size()), why.data(), file, line);
  std::abort();
}
#define LG_ASSERT(condition, why)                                      \
  do {                                                                 \
    if (!(condition)) ::landglass::base::bug(why, __FILE__, __LINE__); \
  } while (false)

struct Done {};  // the value of a Result that carries nothing else

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Refusal refusal) : state_(std::in_place_index<1>, std::move(refusal)) {}
  Result(Failure failure) : state_(std::in_place_index<2>, std::move(failure)) {}
  Result(Trouble trouble)
      : state_(trouble.index() == 0 ? State(std::in_place_index<1>, std::get<0>(std::move(trouble)))
                                    : State(std::in_place_index<2>, std::get<1>(std::move(trouble)))) {}

  explicit operator bool() const { return state_.index() == 0; }
  bool refused() const { return state_.index() == 1; }
  bool failed() const { return state_.index() == 2; }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Refusal& refusal() const { return std::get<1>(state_); }
  const Failure& failure() const { return std::get<2>(state_); }
  Trouble trouble() const { return refused() ? Trouble(std::get<1>(state_)) : Trouble(std::get<2>(state_)); }

 private:
  using State = std::variant<T, Refusal, Failure>;
  T& value() {
    LG_ASSERT(state_.index() == 0, "value taken of a Result that holds none");
    return *std::get_if<0>(&state_);
  }
  const T& value() const {
    LG_ASSERT(state_.index() == 0, "value taken of a Result that holds none");
    return *std::get_if<0>(&state_);
  }
  State state_;
};

using Status = Result<Done>;

// One line for logs and tests: what went wrong.
std::string explain(const Trouble& trouble);

}  // namespace landglass::base

// LG_TRY(auto x, may_fail()); returns the trouble of a Result to the caller, or binds its value. Not inside coroutines.
#define LG_TRY_GLUE_(a, b) a##b
#define LG_TRY_NAME_(line) LG_TRY_GLUE_(lg_try_, line)
#define LG_TRY(declaration, expression)                                 \
  auto LG_TRY_NAME_(__LINE__) = (expression);                           \
  if (!LG_TRY_NAME_(__LINE__)) return LG_TRY_NAME_(__LINE__).trouble(); \
  declaration = *std::move(LG_TRY_NAME_(__LINE__))
#define LG_CHECK(expression)                                                      \
  do {                                                                            \
    if (auto lg_status_ = (expression); !lg_status_) return lg_status_.trouble(); \
  } while (false)
