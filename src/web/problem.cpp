#include "web/problem.hpp"

#include <array>

namespace landglass::web {
namespace {

struct Row {
  std::string_view prefix;
  int status;
};

// One row a family of codes, the longest prefix wins. What is not here is a rule of law or of a form: 422.
constexpr std::array k_statuses{
    // this layer
    Row{"HTTP-PARSE", 400}, Row{"HTTP-QUERY", 400}, Row{"HTTP-FORM", 400}, Row{"HTTP-BODY", 413}, Row{"HTTP-HEAD", 431},
    Row{"HTTP-TARGET", 414}, Row{"HTTP-METHOD", 501}, Row{"HTTP-CODING", 501}, Row{"HTTP-VERSION", 505},
    Row{"HTTP-EXPECT", 417}, Row{"HTTP-MEMBER", 400}, Row{"HTTP-SLOW", 408}, Row{"HTTP-NONE", 404}, Row{"HTTP-ALLOW", 405},
    Row{"HTTP-TYPE", 415}, Row{"HTTP-RATE", 429}, Row{"HTTP-LIVE-FULL", 503}, Row{"HTTP-HEAVY", 503},
    Row{"HTTP-ORIGIN", 403}, Row{"HTTP-CSRF", 403}, Row{"AUTH-", 401}, Row{"FILE-QUOTA", 429}, Row{"FILE-03", 403},
    Row{"STORE-05", 404}, Row{"AUTH-SCOPE", 403}, Row{"AUTH-PAUSE", 429}, Row{"ACCOUNT-", 422}, Row{"KEY-BUSY", 409},
    Row{"KEY-", 422}, Row{"KEY-FORM", 400},
    // base
    Row{"JSON-", 400}, Row{"JSON-03", 422}, Row{"JSON-04", 422},
    // engine and institutions: whether it exists, who may, whether it may now
    Row{"EN-01", 404}, Row{"EN-02", 409},  // not in this state
    Row{"EN-03", 409},                     // a hold stands
    Row{"EN-04", 403}, Row{"EN-05", 403},  // the same person may not
    Row{"EN-06", 409},                     // the record has changed
    Row{"EN-12", 409},                     // not yet witnessed
    Row{"EN-13", 403},                     // the signature of the post or bidder is missing
    Row{"EN-14", 409},                     // another person must concur
    Row{"EN-15", 409},                     // the name is taken
    Row{"LOG-", 503},                      // nothing is written: another history, or the witnesses are not asked yet
    Row{"CLK-", 503},                      // the clock is in doubt: timed lots pause
    Row{"ENG-03", 422},                    // the command's id was used for another: as KEY-OTHER
};

ProblemPage& page() {
  static ProblemPage one;
  return one;
}

// `detail` in the reader's language, `why` in both, `that` as the file has it: names of fields and facts, for machines.
void tell_why(base::JsonObject& out, const base::Refusal& refusal, const Request& request) {
  if (!refusal.detail.empty()) {
    out["detail"] = in(refusal.detail, request.language());
    out["why"] = base::JsonObject{{"zh", refusal.detail.zh}, {"en", refusal.detail.en}};
  }
  if (!refusal.that.empty()) out["that"] = refusal.that;
}

}  // namespace

int status_of(const base::Refusal& refusal) {
  const Row* best = nullptr;
  for (const auto& row : k_statuses)
    if (refusal.code.starts_with(row.prefix) && (!best || row.prefix.size() > best->prefix.size())) best = &row;
  return best ? best->status : 422;
}

PlainWords plain_words(int status) {
  switch (status) {
    case 401:
      return {{"请先登录", "Sign in first"}, {"此页只对登录的人显示。", "This page is for those who are signed in."}};
    case 403:
      return {
          {"您不能办理此项", "Not yours to do"},
          {"您的岗位或身份没有此项权限；没有改变任何记录。", "Your post or person may not do this; no record was changed."}};
    case 404:
      return {{"没有找到", "Not found"},
              {"地址有误，或者该内容依法不公开。", "The address is wrong, or the law does not open what stands there."}};
    case 409:
      return {{"现在不能办理", "Not now"},
              {"记录已有变化，或者还有事项没有了结；没有改变任何记录。",
               "The record has changed meanwhile, or something else must end first; no record was changed."}};
    case 413:
    case 414:
    case 431:
      return {{"内容过长", "Too long"},
              {"所提交的内容超过上限；没有改变任何记录。", "What was sent is over the limit; no record was changed."}};
    case 422:
      return {{"不予办理", "Refused"},
              {"系统按制度文件拒绝了这次办理，没有改变任何记录。",
               "The institution's file refuses this act; no record was changed."}};
    case 429:
      return {{"请稍后再试", "Wait a moment"}, {"短时间内请求过多。", "There were too many requests in a short time."}};
    case 503:
      return {{"暂时无法办理", "Not available now"},
              {"已确认的内容都已保存；请稍后重试。", "All that was confirmed is kept; please try again shortly."}};
    default:
      return {{"无法处理", "Not possible"},
              {"所提交的内容无法读取；没有改变任何记录。", "What was sent cannot be read; no record was changed."}};
  }
}

void set_problem_page(ProblemPage made) { page() = std::move(made); }

base::Json problem_json(const base::Trouble& trouble, const Request& request) {
  base::JsonObject out;
  base::Text say;
  if (const auto* refusal = std::get_if<base::Refusal>(&trouble)) {
    say = refusal->say;
    out["type"] = "/problems/" + refusal->code;
    out["status"] = status_of(*refusal);
    out["code"] = refusal->code;
    if (!refusal->law.empty()) out["law"] = refusal->law;
    tell_why(out, *refusal, request);
    if (!refusal->where.empty()) out["where"] = refusal->where;
    base::JsonArray also;  // what else stands in the way, where the action tells all of it
    for (const auto& one : refusal->also) {
      base::JsonObject other{{"code", one.code}, {"say", base::JsonObject{{"zh", one.say.zh}, {"en", one.say.en}}}};
      if (!one.law.empty()) other["law"] = one.law;
      tell_why(other, one, request);
      also.push_back(std::move(other));
    }
    if (!also.empty()) out["also"] = std::move(also);
  } else {
    // What failed is for the operator's log, never for the reader: it may name files and peers.
    say = {"系统暂时无法处理，请稍后重试", "the system cannot do this now, please try again"};
    out["type"] = "/problems/unavailable";
    out["status"] = 503;
    out["code"] = "unavailable";
    out["retryable"] = std::get<base::Failure>(trouble).retryable;
  }
  out["title"] = in(say, request.language());
  out["say"] = base::JsonObject{{"zh", say.zh}, {"en", say.en}};
  if (!request.id.empty()) out["instance"] = "urn:landglass:request:" + request.id;
  return out;
}

Response problem(const base::Trouble& trouble, const Request& request) {
  const auto body = problem_json(trouble, request);
  const int status = static_cast<int>(body.at("status").as_int());
  const bool as_page = page() && request.wants_html();
  auto response =
      as_page ? html(status, page()(body, request)) : text(status, base::canonical(body), "application/problem+json");
  response.header("cache-control", "no-store");
  response.refusal = std::string(body.text("code"));
  if (status == 503) response.header("retry-after", "2");
  if (status == 401) response.header("www-authenticate", "Bearer realm=\"landglass\"");
  return response;
}

}  // namespace landglass::web
