// Tips (docs/formats/tips.md): the page that locks one, the page that the words lead back to, the investigators' desk. Of
// those who report nothing is kept here: these routes are quiet, see no session and set no cookie, and what they answer has
// sizes of few classes.
#include <algorithm>

#include "log/tip_roll.hpp"
#include "tips/postbox.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/security.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;

namespace {

constexpr std::size_t k_least_answer = std::size_t{64} << 10;
constexpr std::size_t k_most_messages = 500;  // of a dialogue, as they are shown

// The record's key of whoever shows this secret. What is kept is its hash, so that a copy of the store opens no mailbox.
std::string mailbox_of(std::string_view secret_text) {
  const auto secret = base::from_base64url(secret_text);
  if (!secret || secret->size() != 32) return {};
  const auto hash = base::sha256(base::as_bytes("landglass/tip-mailbox/1\n"), *secret);
  return base::to_hex(base::BytesView(hash).subspan(0, 16));
}

// Filled with spaces to 64 KiB, twice that, and so on: from its length on the wire nobody counts messages.
Response one_of_few_sizes(const Json& body) {
  auto bytes = base::canonical(body);
  auto size = k_least_answer;
  while (size < bytes.size()) size *= 2;
  bytes.resize(size, ' ');
  auto response = text(200, std::move(bytes), "application/json; charset=utf-8");
  response.headers.set("cache-control", "no-store");
  return response;
}

Response no_store(Response response) {
  response.headers.set("cache-control", "no-store");
  return response;
}

// The library of the sealed boxes is WebAssembly; and nothing that the page fetches may tell another site of it.
Response locking(Response response) {
  response.headers.set("content-security-policy", content_policy() + "; script-src 'self' 'wasm-unsafe-eval'");
  response.headers.set("referrer-policy", "no-referrer");
  return no_store(std::move(response));
}

std::string day_of(base::Time time) { return base::format_local(time).substr(0, 10); }

}  // namespace

Response Portal::tip_page(const Request& request) {
  auto model = page(request, {"举报", "Report"});
  model.as_object()["tip"] = JsonObject{
      {"lead", both("在您的设备上加密给您选定的受理人。平台不留账号、地址、浏览器信息和确切时间，也无从解开。",
                    "Locked on your device to the investigators you choose. The platform keeps no account, address, browser "
                    "or exact time, and cannot open it.")},
      {"report", true}};
  return locking(render("tip", model, request));
}

Response Portal::tip_back_page(const Request& request) {
  auto model = page(request, {"查看举报答复", "Come back to your report"});
  model.as_object()["tip"] =
      JsonObject{{"lead", both("凭十二个词回来：看受理、办理和答复，补充内容，取回执。",
                               "With your twelve words: admission, handling and answers; add to it; fetch the receipt.")},
                 {"back", true}};
  return locking(render("tip", model, request));
}

Response Portal::tip_desk_page(const Request& request) {
  auto model = page(request, {"开启举报", "Open a tip"});
  model.as_object()["tip"] = JsonObject{
      {"lead", both("以您的受理人密钥在本机开启；每次开启记入日志，当日可读。",
                    "Opened here with your own key. Each opening is an event in the log, and it may be read that day.")},
      {"desk", true},
      {"key", std::string(request.parameter("key"))},
      {"record", href_of("tip/" + std::string(request.parameter("key")))}};
  return locking(render("tip", model, request));
}

// Whom one may report to, and about which units: all of it public anyway; asked for here so that no other route's figures
// show that somebody did.
Response Portal::tip_choices(const Request& request) {
  auto connection = reader(store::Sight::open);
  auto people = connection->query(
      "SELECT t.id, t.region, t.office, t.key, p.title, o.name FROM tip_opener_public t LEFT JOIN post_public p ON p.id = "
      "t.post LEFT JOIN office_public o ON o.id = t.office WHERE t.state = 'in_force' ORDER BY t.region, t.id LIMIT 1000",
      {});
  auto units = connection->query(
      "SELECT id, name, region FROM office_public WHERE state = 'active' ORDER BY region, name COLLATE pinyin LIMIT 5000",
      {});
  if (!people) return no_store(problem(people.trouble(), request));
  if (!units) return no_store(problem(units.trouble(), request));
  JsonArray openers;
  for (const auto& row : *people)
    openers.push_back(JsonObject{
        {"id", row[0]}, {"region", row[1]}, {"office", row[2]}, {"key", row[3]}, {"post", row[4]}, {"office_name", row[5]}});
  JsonArray offices;
  for (const auto& row : *units) {
    const auto* region = row[2].if_string();
    offices.push_back(JsonObject{{"id", row[0]},
                                 {"name", row[1]},
                                 {"region", row[2]},
                                 {"place", pack_.division_name(region == nullptr ? "" : *region)}});
  }
  JsonObject body{{"openers", std::move(openers)}, {"units", std::move(offices)}};
  return no_store(json(200, Json(std::move(body))));
}

void Portal::keep_letter(tips::Letter letter, const Request& request, Respond respond) {
  if (postbox_ == nullptr) {
    respond(no_store(problem(base::refuse("TP-32", "本平台不接收网上举报", "this platform takes no tips"), request)));
    return;
  }
  auto held = std::make_shared<Request>(request);
  auto answer_to = std::make_shared<Respond>(std::move(respond));
  postbox_->put(std::move(letter), [held, answer_to](base::Result<tips::Promise> kept) {
    Response response;
    response.made = [held, kept = std::move(kept)]() -> Response {
      if (!kept) return no_store(problem(kept.trouble(), *held));
      return no_store(json(200, Json(JsonObject{{"hour", kept->hour}, {"promise", kept->note}})));
    };
    (*answer_to)(std::move(response));
  });
}

// POST /api/tips: {"mailbox", "document", "openers", "subject_office", "about_head", "voice", "reply_key", "sig"}.
void Portal::take_tip(Request request, Respond respond) {
  const auto body = base::parse_json(request.body);
  const auto* given = body ? body->if_object() : nullptr;
  const auto id = given == nullptr ? std::string() : mailbox_of(body->text("mailbox"));
  if (id.empty()) {
    respond(no_store(problem(base::refuse("TP-33", "举报的格式不对", "this is no tip", "mailbox"), request)));
    return;
  }
  tips::Letter letter{id, "tip", *given};
  letter.fields.erase("mailbox");
  for (const auto* name : {"roll", "roll_index", "roll_proof", "received"}) letter.fields.erase(name);
  keep_letter(std::move(letter), request, std::move(respond));
}

// POST /api/tips/messages: {"mailbox", "document", "sig"}.
void Portal::take_tip_message(Request request, Respond respond) {
  const auto body = base::parse_json(request.body);
  const auto id = body ? mailbox_of(body->text("mailbox")) : std::string();
  if (id.empty()) {
    respond(no_store(problem(base::refuse("TP-33", "举报的格式不对", "this is no tip", "mailbox"), request)));
    return;
  }
  const auto document = std::string(body->text("document"));
  const auto hash = base::sha256(base::as_bytes("landglass/tip-message-id/1\n" + id + document));
  keep_letter({base::to_hex(base::BytesView(hash).subspan(0, 16)),
               "tip-message",
               {{"tip", "tip/" + id}, {"document", document}, {"sig", std::string(body->text("sig"))}}},
              request, std::move(respond));
}

// What a tip came to, and its messages; on the sequencer's thread.
Json Portal::tip_thread(institution::Registry& registry, engine::Cache& cache, const institution::Record& tip,
                        bool to_reporter) const {
  JsonArray messages;
  const auto proof_of = [&](const institution::Record& one) {
    return JsonObject{{"roll", std::string(one.fields.text("roll"))},
                      {"index", one.fields.at("roll_index")},
                      {"path", std::string(one.fields.text("roll_proof"))},
                      {"document_hash", base::to_hex(base::sha256(base::as_bytes(one.fields.text("document"))))}};
  };
  auto listed = registry.listed(tip, "messages", clock_.now());
  if (listed) {
    for (const auto& id : *listed) {
      const auto found = cache.find(id);
      if (!found || *found == nullptr || messages.size() == k_most_messages) continue;
      const auto& one = **found;
      const bool from_reporter = one.fields.text("from") == "reporter";
      JsonObject message{
          {"id", one.id}, {"from", std::string(one.fields.text("from"))}, {"on", std::string(one.fields.text("on"))}};
      // His own words come back to nobody, not even to him: nobody can make him show them.
      if (from_reporter) message["proof"] = proof_of(one);
      if (!from_reporter || !to_reporter) message["document"] = std::string(one.fields.text("document"));
      if (!to_reporter) message["sig"] = std::string(one.fields.text("sig"));
      messages.push_back(std::move(message));
    }
  }
  const auto* in = registry.institution_of(tip);
  JsonArray terms;
  for (const auto& [name, timer] : tip.timers) {
    const auto* state = in->main.find(tip.state);
    for (std::size_t i = 0; state != nullptr && i < state->after.size(); ++i) {
      if (state->after[i].name == name)
        terms.push_back(
            JsonObject{{"name", name}, {"on", day_of(timer.due)}, {"title", both(deadline_title(*in, state->after[i]))}});
    }
  }
  JsonArray openers;
  if (const auto* list = tip.fields.at("openers").if_array()) {
    for (const auto& id : *list) {
      const auto found = cache.find(id.as_string());
      if (!found || *found == nullptr) continue;
      openers.push_back(JsonObject{{"id", (*found)->id},
                                   {"key", std::string((*found)->fields.text("key"))},
                                   {"in_force", (*found)->state == "in_force"}});
    }
  }
  const auto* state = in->main.find(tip.state);
  JsonObject out{{"key", tip.id.substr(tip.id.find('/') + 1)},
                 {"state", tip.state},
                 {"state_title", state == nullptr ? Json() : both(state->title)},
                 {"received", std::string(tip.fields.text("received"))},
                 {"terms", std::move(terms)},
                 {"messages", std::move(messages)},
                 {"openers", std::move(openers)},
                 {"together", tip.fields.at("together")},
                 {"reply_key", std::string(tip.fields.text("reply_key"))},
                 {"proof", proof_of(tip)}};
  if (const auto outcome = tip.fields.text("outcome"); !outcome.empty())
    out["outcome"] = both(show_value(*in->field("outcome"), tip.fields.at("outcome"), pack_));
  if (!to_reporter) {
    out["document"] = std::string(tip.fields.text("document"));
    out["sig"] = std::string(tip.fields.text("sig"));
    out["voice"] = std::string(tip.fields.text("voice"));
    out["region"] = std::string(tip.fields.text("region"));
  }
  return Json(std::move(out));
}

// POST /api/tips/mailbox: {"mailbox"}. It reads and writes nothing; who has no mailbox here gets an answer of the same size.
Response Portal::tip_mailbox(const Request& request) {
  const auto body = base::parse_json(request.body);
  const auto key = body ? mailbox_of(body->text("mailbox")) : std::string();
  JsonObject answer{{"found", false}};
  if (!key.empty() && postbox_ != nullptr) {
    if (const auto hour = postbox_->held(key); !hour.empty()) {
      answer = {{"found", true}, {"held", hour}};
    } else {
      engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
        const auto found = cache.find("tip/" + key);
        if (!found || *found == nullptr) return;
        const institution::Record tip = **found;  // looking further may let a clean record go
        answer = {{"found", true}, {"tip", tip_thread(registry, cache, tip, true)}};
      });
    }
  }
  if (const auto* tip = answer.at("tip").if_object()) {
    JsonObject rolls;
    const auto take = [&](const Json& proof) {
      const std::string roll(proof.text("roll"));
      if (roll.empty() || rolls.find(roll) != nullptr) return;
      std::uint64_t leaf = 0;
      engine_.inspect([&](institution::Registry&, engine::Cache& cache) {
        if (const auto found = cache.find(roll); found && *found != nullptr) leaf = (*found)->last_leaf;
      });
      if (auto receipt = best_receipt(leaf)) rolls[roll] = *std::move(receipt);
    };
    take(tip->at("proof"));
    if (const auto* messages = tip->at("messages").if_array()) {
      for (const auto& one : *messages) {
        if (!one.at("proof").is_null()) take(one.at("proof"));
      }
    }
    answer["rolls"] = std::move(rolls);
    answer["policy"] = trusted();
  }
  return one_of_few_sizes(Json(std::move(answer)));
}

// GET /api/tips/desk/{key}: what an investigator opens, once the act `open` of today says that he does.
Response Portal::tip_of_desk(const Request& request) {
  const std::string id = "tip/" + std::string(request.parameter("key"));
  base::Result<Json> answer = base::refuse("EN-01", "没有此记录", "no such record", id);
  const auto now = clock_.now();
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    const auto found = cache.find(id);
    if (!found || *found == nullptr || (*found)->tree != log::Tree::sealed) return;
    const institution::Record tip = **found;
    const auto* in = registry.institution_of(tip);
    if (in == nullptr || !may_see(registry, cache, *in, tip, request, now)) return;
    const auto opened = tip.done.find("open");
    if (opened == tip.done.end() || opened->second.actor != request.caller->actor ||
        base::date_of(opened->second.time) != base::date_of(now)) {
      answer = base::refuse("TP-34", "先登记开启，再查看", "the opening is entered first, then it is shown", id);
      return;
    }
    answer = tip_thread(registry, cache, tip, false);
  });
  if (!answer) return own_page(problem(answer.trouble(), request));
  return own_page(json(200, *answer));
}

void Portal::add_tip_routes(Router& router) {
  const auto with = [&](Response (Portal::*handler)(const Request&)) {
    return [this, handler](const Request& request) { return (this->*handler)(request); };
  };
  RouteOptions quiet{Access::open, Pace::read, Run::worker};
  quiet.quiet = true;
  auto quiet_write = quiet;
  quiet_write.pace = Pace::tip;
  quiet_write.origin_free = true;
  quiet_write.max_body = std::size_t{128} << 10;
  router.add(Method::get, "/tip", with(&Portal::tip_page), quiet);
  router.add(Method::get, "/tip/back", with(&Portal::tip_back_page), quiet);
  router.add(Method::get, "/api/tips/choices", with(&Portal::tip_choices), quiet);
  router.add_async(
      Method::post, "/api/tips",
      [this](Request request, Respond respond) { take_tip(std::move(request), std::move(respond)); }, quiet_write);
  router.add_async(
      Method::post, "/api/tips/messages",
      [this](Request request, Respond respond) { take_tip_message(std::move(request), std::move(respond)); }, quiet_write);
  // As slow as a password: the mailbox has 256 bits, but nobody should try.
  auto reading = quiet_write;
  reading.pace = Pace::login;
  router.add(Method::post, "/api/tips/mailbox", with(&Portal::tip_mailbox), reading);
  router.add(Method::get, "/tip/desk/{key}", with(&Portal::tip_desk_page),
             RouteOptions{Access::caller, Pace::read, Run::worker});
  router.add(Method::get, "/api/tips/desk/{key}", with(&Portal::tip_of_desk),
             RouteOptions{Access::caller, Pace::read, Run::worker});
}

}  // namespace landglass::web
