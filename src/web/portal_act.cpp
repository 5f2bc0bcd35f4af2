// What people do: forms and commands, sign-in and the JSON of both.
#include <algorithm>
#include <mutex>
#include <tuple>

#include "base/crypto.hpp"
#include "institution/signed_act.hpp"
#include "log/leaf.hpp"
#include "web/desk_routes.hpp"
#include "web/idempotency.hpp"
#include "web/leaf_words.hpp"
#include "web/open_pages.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/rate.hpp"
#include "web/ready.hpp"
#include "web/uri.hpp"
#include "web/ways_on.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Action;
using institution::Institution;

namespace {

// What an answer is made under: one mark for each newest head, witnessed head and count of commits.
class Marks {
 public:
  Ready::Mark at(std::shared_ptr<const engine::Head> newest, std::shared_ptr<const engine::Head> witnessed,
                 std::uint64_t commits) {
    const std::scoped_lock lock(mutex_);
    Made made(std::move(newest), std::move(witnessed), commits);
    if (mark_ == nullptr || *mark_ != made) mark_ = std::make_shared<const Made>(std::move(made));
    return mark_;
  }

 private:
  using Made = std::tuple<std::shared_ptr<const engine::Head>, std::shared_ptr<const engine::Head>, std::uint64_t>;
  std::mutex mutex_;
  std::shared_ptr<const Made> mark_;
};

// How long a statement may be shown to its signer before it must be sent.
constexpr std::int64_t k_sign_within_ms = 15 * base::k_minute;

// The action of this name in the state that the record is in: one name may mean another act in another state.
const Action* action_now(engine::Engine& engine, const Institution& in, std::string_view record, std::string_view name) {
  const Action* found = nullptr;
  engine.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    auto held = cache.find(record);
    if (!held || *held == nullptr) return;
    for (const auto* action : registry.actions_of(**held)) {
      if (found == nullptr && action->name == name) found = action;
    }
  });
  return found != nullptr ? found : institution::find_action(in, name);
}

// A sealed register has no list that anybody could open.
Json list_crumb(const Institution& in) {
  JsonObject crumb{{"label", both(in.title)}};
  if (!in.sealed()) crumb["to"] = "/list/" + in.name;
  return Json(std::move(crumb));
}

}  // namespace

// A refusal of a form that a person filled in comes back as that form: what he typed, and the error at its field.
Response Portal::form_again(const Request& request, const institution::Institution& in, const institution::Action& action,
                            const engine::Command& command, const base::Refusal& refusal) {
  const bool creates = command.record.empty();
  const auto target = creates ? "/new/" + in.name : "/act/" + command.record + "/" + action.name;
  const auto doc = creates ? Json() : doc_for(in, command.record, request);
  auto model = page(request, action.title);
  model.as_object()["form"] = form_model(in, action, target, doc.is_null() ? nullptr : &doc, &command.fields, &refusal);
  JsonArray crumbs{list_crumb(in)};
  if (!creates) {
    const auto called = names().of(command.record);
    crumbs.push_back(JsonObject{{"label", called.empty() ? Json(number_of(command.record)) : both(called)},
                                {"to", href_of(command.record)}});
  }
  crumbs.push_back(JsonObject{{"label", both(action.title)}});
  model.as_object()["crumbs"] = items(std::move(crumbs));
  auto response = render("form", model, request, status_of(refusal));
  response.refusal = refusal.code;
  return response;
}

void Portal::command(engine::Command command, const Request& request, Respond respond, bool as_json) {
  auto shared = std::make_shared<Request>(request);
  auto answer_to = std::make_shared<Respond>(std::move(respond));
  const auto kept = std::make_shared<engine::Command>(command);
  engine_.submit(std::move(command), [this, shared, answer_to, as_json, kept](base::Result<engine::Answer> answer) {
    // Proof and JSON of a receipt are made by who waits for it, not here, where everybody waits.
    if (as_json || (!answer && !shared->wants_html())) {
      Response later;
      later.made = [shared, held = std::make_shared<base::Result<engine::Answer>>(std::move(answer))] {
        return command_answer(*held, *shared);
      };
      return (*answer_to)(std::move(later));
    }
    if (!answer) {
      const std::string institution =
          kept->record.empty() ? kept->institution : kept->record.substr(0, kept->record.find('/'));
      const auto* in = pack_.current(institution);
      if (!answer.refused() || in == nullptr) return (*answer_to)(refuse(answer.trouble(), *shared));
      // Not on the sequencer's thread: the form looks at records, which waits for it.
      const bool taken = workers_.run([this, shared, answer_to, kept, in, refusal = answer.refusal()] {
        const auto* action = kept->record.empty() ? &in->create : action_now(engine_, *in, kept->record, kept->action);
        if (action == nullptr || action->give.empty()) return (*answer_to)(refuse(refusal, *shared));
        (*answer_to)(form_again(*shared, *in, *action, *kept, refusal));
      });
      if (!taken) (*answer_to)(refuse(base::fail("the pages' worker is busy", true), *shared));
      return;
    }
    auto to = href_of(answer->record);
    const auto lot = kept->fields.text("lot");
    if (answer->tree == log::Tree::open) {
      to += "?done=" + std::to_string(answer->seq);
    } else if (kept->action == "wish") {
      to = "/room/" + kept->record.substr(kept->record.find('/') + 1) + "?done=wish";
    } else if (kept->institution == "application" && lot.starts_with("land-listing/")) {
      to = "/room/" + std::string(lot.substr(lot.find('/') + 1)) + "?done=1";  // where deposit and key are
    }
    (*answer_to)(redirect(std::move(to)));
  });
}

Response Portal::command_answer(const base::Result<engine::Answer>& answer, const Request& request) {
  if (!answer) return problem(answer.trouble(), request);
  JsonObject body{{"record", answer->record},
                  {"version", answer->version},
                  {"tree", answer->tree == log::Tree::open ? "open" : "sealed"}};
  if (answer->tree == log::Tree::open) {
    body["index"] = answer->seq;
    body["receipt"] = "/receipt/" + std::to_string(answer->seq);
    if (answer->head && !answer->again) {
      const auto proof = answer->head->frontier.inclusion(answer->seq, nullptr);
      if (proof) {
        JsonArray hashes;
        for (const auto& hash : *proof) hashes.emplace_back(base::to_base64(hash));
        body["proof"] = std::move(hashes);
        body["checkpoint"] = answer->head->checkpoint;
        body["leaf"] = answer->leaf;
      }
    }
  }
  return json(200, Json(std::move(body)));
}

// A form's act as a command. A new record has no key in its path.
base::Result<Portal::FormAct> Portal::act_of_form(const Request& request) {
  const std::string institution(request.parameter("institution"));
  FormAct out;
  out.in = pack_.current(institution);
  if (out.in == nullptr) return base::refuse("EN-01", "没有此制度", "no such institution", institution);
  const std::string key(request.parameter("key"));
  auto& command = out.command;
  if (key.empty()) {
    out.action = &out.in->create;
    command.institution = institution;
  } else {
    const std::string name(request.parameter("action"));
    out.action = action_now(engine_, *out.in, institution + "/" + key, name);
    if (out.action == nullptr) return base::refuse("EN-02", "没有此动作", "no such action", name);
    command.record = institution + "/" + key;
    command.action = name;
  }
  LG_TRY(const auto form, form_of(request, *out.in, *out.action));
  // Versions matter where somebody else may have acted since; a contended lot is judged by its ladder.
  if (const auto version = form.get("version"); !key.empty() && !version.empty() && out.in->behaviour.empty())
    command.expects = std::strtoull(std::string(version).c_str(), nullptr, 10);
  command.id = Idempotency::command_id(request.caller->actor, form.get("command"), out.in->sealed());
  command.actor = request.caller->actor;
  command.post = form.get("post");
  command.fields = fields_of_form(*out.in, *out.action, form);
  LG_CHECK(hold_files(*out.in, command.fields, request.caller->actor));
  if (!out.action->is_signed) return out;
  Json given;
  if (const auto* sent = form.find("signed"); sent != nullptr && !sent->empty()) {
    LG_TRY(given, base::parse_json(*sent));
  }
  LG_CHECK(take_signature(given, request, command));
  return out;
}

void Portal::act(Request request, Respond respond) {
  auto made = act_of_form(request);
  if (!made) return respond(refuse(made.trouble(), request));
  this->command(std::move(made->command), request, std::move(respond), false);
}

// The statement that the form's act would be signed as: what was typed, in the form in which it will stand in the leaf.
Response Portal::statement(const Request& request) {
  auto made = act_of_form(request);
  if (!made) return problem(made.trouble(), request);
  return answer_statement(*made->in, *made->action, std::move(made->command), request);
}

Response Portal::answer_statement(const Institution& in, const Action& action, engine::Command command,
                                  const Request& request) {
  const auto now = clock_.now();
  // Which key signs decides by which post: the one in force that fits the action.
  std::string key;
  base::Trouble trouble =
      base::refuse("EN-19", "您的岗位尚无启用的密钥", "no key of a post of yours is in force", action.name);
  bool session_does = false;  // so that who has the key elsewhere may go on without it
  engine_.inspect([&](institution::Registry& registry, engine::Cache&) {
    session_does = registry.demanded() == institution::Signing::session;
    const auto seats = registry.seats(command.actor, base::date_of(now));
    if (!seats) return;
    for (const auto& seat : *seats) {
      if (!command.post.empty() && seat.post != command.post) continue;
      const bool may = std::any_of(seat.roles.begin(), seat.roles.end(), [&](const std::string& role) {
        return std::find(action.by.begin(), action.by.end(), role) != action.by.end();
      });
      const auto held =
          may ? registry.post_key(command.actor, seat.post, "") : base::Result<const institution::Record*>(nullptr);
      if (!held || *held == nullptr) continue;
      command.post = seat.post;
      key = (*held)->fields.text("key");
      return;
    }
  });
  if (key.empty()) return problem(trouble, request);
  base::SystemRandom random;
  auto act = institution::state_act(pack_, engine_.options().origin, in, action, command, now + k_sign_within_ms, random);
  if (!act) return problem(act.trouble(), request);
  return json(200,
              Json(JsonObject{
                  {"key", key}, {"salts", command.salts}, {"session", session_does}, {"statement", log::to_json(*act)}}));
}

// A new record. What the address names already (the lot of an application) stands above the form and is not asked again; the
// region is that of the caller's post, the name of a party his own.
Response Portal::new_form(const Request& request) {
  const std::string institution(request.parameter("institution"));
  const auto* in = pack_.current(institution);
  if (in == nullptr) return refuse(base::refuse("EN-01", "没有此制度", "no such institution", institution), request);
  auto model = page(request, in->create.title);
  if (!may_begin(*in, request))
    model.as_object()["notices"] = items(
        JsonArray{JsonObject{{"tone", "warn"},
                             {"text", both("您的岗位不办理此项；可以查看表单，提交会被拒绝。",
                                           "Your post does not do this: the form can be read, and would be refused.")}}});
  auto names = this->names();
  JsonObject given;
  JsonArray before;
  for (const auto& name : in->create.give) {
    const auto value = request.query.get(name);
    if (value.empty()) continue;
    given[name] = std::string(value);
    const auto* field = in->field(name);
    if (field != nullptr && field->type == "ref") {
      auto shown = field_model(*field, &given.at(name), true, &names);
      if (!shown.is_null()) before.push_back(std::move(shown));
    }
  }
  if (taken_over(*in, given)) {
    model.as_object()["notices"] = items(
        JsonArray{JsonObject{{"tone", "info"},
                             {"text", both("上述记录中已有的内容已经带入，请逐项核对。",
                                           "What that record says already is filled in below: please check each field.")}}});
  }
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    if (const auto seats = registry.seats(request.caller->actor, base::date_of(clock_.now())); seats && !seats->empty()) {
      if (given.find("region") == nullptr && in->field("region") != nullptr && !seats->front().region.empty())
        given["region"] = seats->front().region;
    }
    auto self = cache.find(request.caller->actor);
    if (in->field("applicant_name") != nullptr && self && *self != nullptr) {
      if (const auto name = (*self)->fields.text("name"); !name.empty()) given["applicant_name"] = std::string(name);
    }
  });
  auto form = form_model(*in, in->create, "/new/" + institution, nullptr, &given, nullptr);
  for (auto& input : form.as_object()["inputs"].as_array()) {
    auto& one = input.as_object();
    const auto* field = in->field(one.text("name"));
    if (field == nullptr || field->type != "ref" || request.query.get(one.text("name")).empty()) continue;
    input = JsonObject{{"id", std::string(one.text("id"))},
                       {"name", std::string(one.text("name"))},
                       {"label", both(field->title)},
                       {"as_hidden", true},
                       {"value", std::string(request.query.get(one.text("name")))}};
  }
  model.as_object()["form"] = std::move(form);
  if (!before.empty()) model.as_object()["before"] = items(std::move(before));
  if (const auto aside = rules_of(*in, in->create); !aside.is_null()) model.as_object()["aside"] = aside;
  model.as_object()["crumbs"] = items(JsonArray{list_crumb(*in), JsonObject{{"label", both(in->create.title)}}});
  return render("form", model, request);
}

// What will be looked at, said before the form is sent.
Json Portal::rules_of(const institution::Institution&, const institution::Action& action) const {
  JsonArray list;
  for (const auto& check : action.checks) {
    JsonObject item{{"text", both(check.code + " " + check.say.zh, check.code + " " + check.say.en)}};
    if (const auto law = pack_.cite(check.law); !law.empty()) item["law"] = law;
    list.push_back(std::move(item));
  }
  if (list.empty()) return Json();
  return JsonObject{{"title", both("下列情形不予办理", "It is refused where")}, {"items", std::move(list)}};
}

Response Portal::login_page(const Request& request, const base::Refusal* error) const {
  auto model = page(request, {"登录", "Sign in"});
  JsonObject form{{"id", "login"}, {"action", "/login"}, {"submit", both("登录", "Sign in")}, {"command", "login"}};
  const auto next = request.query.get("next");
  JsonArray inputs{JsonObject{{"id", "login-name"},
                              {"name", "login"},
                              {"label", both("用户名", "Login")},
                              {"as_text", true},
                              {"required", true},
                              {"autocomplete", "username"}},
                   JsonObject{{"id", "login-password"},
                              {"name", "password"},
                              {"label", both("口令", "Password")},
                              {"as_password", true},
                              {"required", true},
                              {"autocomplete", "current-password"}},
                   JsonObject{{"id", "login-code"},
                              {"name", "code"},
                              {"label", both("动态口令（如已启用）", "One-time code, if you use one")},
                              {"as_code", true},
                              {"autocomplete", "one-time-code"}}};
  if (!next.empty())
    inputs.push_back(JsonObject{
        {"id", "login-next"}, {"name", "next"}, {"label", "next"}, {"as_hidden", true}, {"value", safe_next(next)}});
  if (error != nullptr)
    form["errors"] = JsonObject{{"items", JsonArray{JsonObject{{"text", both(error->say)}, {"to", "#login-name"}}}}};
  form["inputs"] = std::move(inputs);
  model.as_object()["form"] = std::move(form);
  JsonArray links;
  if (options_.join)
    links.push_back(JsonObject{{"to", "/join"}, {"label", both("还没有账户？开户", "No account yet? Open one")}});
  links.push_back(JsonObject{{"to", "/join/official"}, {"label", both("领取工作人员账户", "Open an official's account")}});
  model.as_object()["links"] = items(std::move(links));
  return render("login", model, request, error == nullptr ? 200 : 401);
}

void Portal::login(Request request, Respond respond) {
  const auto sent = parse_form(request);
  if (!sent) return respond(refuse(sent.trouble(), request));
  const auto& form = *sent;
  SignIn proofs{std::string(form.get("login")), std::string(form.get("password")), std::string(form.get("code")), "browser",
                std::string(subscriber(request.peer))};
  const auto next = safe_next(form.get("next"));
  auto shared = std::make_shared<Request>(std::move(request));
  auto answer = std::make_shared<Respond>(std::move(respond));
  accounts_.sign_in(std::move(proofs), [this, shared, answer, next](base::Result<Sessions::Begun> begun) {
    if (!begun) {
      if (begun.refused()) {
        const auto& refusal = begun.refusal();
        return (*answer)(login_page(*shared, &refusal));
      }
      return (*answer)(refuse(begun.trouble(), *shared));
    }
    auto response = redirect(next == "/" ? "/desk" : next);
    response.header("set-cookie", gate_.session_cookie(begun->secret));
    (*answer)(std::move(response));
  });
}

Response Portal::logout(const Request& request) {
  const auto ended = accounts_.sessions().end(gate_.session_secret(request));
  (void)ended;
  auto response = redirect("/");
  response.header("set-cookie", gate_.ended_cookie());
  return response;
}

void Portal::add_routes(Router& router) {
  // What is refused before a handler runs (no such page, no session) is a page too where a person asks.
  set_problem_page([this](const Json& body, const Request& request) {
    const auto status = static_cast<int>(body.at("status").as_int());
    const auto plain = plain_words(status);
    auto model = page(request, plain.title);
    const auto& say = body.at("say");
    JsonObject refusal{{"code", std::string(body.text("code"))}, {"say", say}};
    for (const auto* name : {"law", "detail"}) {
      if (const auto value = body.text(name); !value.empty()) refusal[name] = std::string(value);
    }
    JsonObject message{{"tone", status == 404 ? "neutral" : "bad"},
                       {"kind", std::to_string(status) + " · " + std::string(body.text("code"))},
                       {"text", both(plain.text)},
                       {"refusal", std::move(refusal)}};
    put_ways_on(message, status, request);
    model.as_object()["message"] = std::move(message);
    return templates_.render("message", localised(model, request.language()), request.language());
  });
  const auto with = [&](Response (Portal::*handler)(const Request&)) {
    return [this, handler](const Request& request) { return (this->*handler)(request); };
  };
  const RouteOptions open{Access::open, Pace::read, Run::worker};
  const RouteOptions heavy{Access::open, Pace::read, Run::heavy};
  const RouteOptions signed_in{Access::caller, Pace::read, Run::worker};
  RouteOptions write{Access::caller, Pace::write, Run::worker};
  write.scope = "act";
  auto bids = write;
  bids.run = Run::inline_;  // draws its ticket, and goes to a worker by itself
  auto with_file = write;
  with_file.max_body = std::size_t{33} << 20;  // a statement has at most 32 MiB, and the form around it a little
  auto uploads = with_file;
  uploads.pace = Pace::upload;
  router.add(Method::post, "/api/files", with(&Portal::keep_file), uploads);
  router.add(Method::get, "/", with(&Portal::market), open);
  router.add(Method::get, "/list", with(&Portal::list), open);
  router.add(Method::get, "/list/{institution}", with(&Portal::list), open);
  router.add(Method::get, "/board/{institution}", with(&Portal::board), open);
  router.add(Method::get, "/r/{institution}/{key}", with(&Portal::record), open);
  router.add(Method::get, "/i/{institution}", with(&Portal::institution_page), open);
  router.add(Method::get, "/room/{key}", with(&Portal::room), signed_in);
  router.add(Method::get, "/room/{key}/status", with(&Portal::room_status), signed_in);
  router.add(Method::get, "/room/{key}/slip", with(&Portal::slip), signed_in);
  router.add(Method::get, "/practice", with(&Portal::practice), signed_in);
  router.add(Method::post, "/practice/keys", with(&Portal::practice_keys), write);
  router.add(Method::post, "/practice/bids", with(&Portal::practice_bid), write);
  router.add(Method::post, "/practice/again", with(&Portal::practice_again), write);
  router.add(
      Method::get, "/practice/{lot}/live",
      [this](const Request& request) { return follow(live_, "practice/" + std::string(request.parameter("lot")), request); },
      RouteOptions{Access::caller, Pace::live});
  router.add(Method::get, "/feed", with(&Portal::feed), open);
  router.add(Method::get, "/feed.json", with(&Portal::feed), open);
  router.add(Method::get, "/csv/{institution}", with(&Portal::register_csv), heavy);
  router.add(Method::get, "/warnings", with(&Portal::warnings), open);
  router.add(Method::get, "/desk", with(&Portal::inbox), signed_in);
  router.add(Method::get, "/brief", with(&Portal::brief), signed_in);
  auto table = write;
  table.max_body = std::size_t{1} << 20;
  router.add(Method::get, "/bulk/{institution}", with(&Portal::bulk_form), signed_in);
  router.add(Method::post, "/bulk/{institution}", with(&Portal::bulk_preview), table);
  router.add_async(
      Method::post, "/bulk/{institution}/send",
      [this](Request request, Respond respond) { bulk_send(std::move(request), std::move(respond)); }, table);
  router.add(Method::get, "/new/{institution}", with(&Portal::new_form), signed_in);
  router.add_async(
      Method::post, "/new/{institution}",
      [this](Request request, Respond respond) { act(std::move(request), std::move(respond)); }, with_file);
  router.add(Method::post, "/new/{institution}/statement", with(&Portal::statement), with_file);
  router.add(Method::post, "/act/{institution}/{key}/{action}/statement", with(&Portal::statement), with_file);
  router.add(Method::post, "/api/statements", with(&Portal::api_statement), write);
  // Every version of an institution that was ever proposed or in force, and two of them compared.
  router.add(
      Method::get, "/i/{institution}/file/{hash}",
      [this](const Request& request) {
        const auto* version = pack_.by_hash(request.parameter("hash"));
        if (version == nullptr || version->name != request.parameter("institution"))
          return refuse(base::refuse("EN-01", "没有此版本", "no such version"), request);
        return cached(request, text(200, pack_.bytes(version->hash)), "public, max-age=31536000, immutable");
      },
      open);
  router.add(Method::get, "/i/{institution}/compare/{was}/{file}", with(&Portal::compare_page), open);
  add_method_pages(router, *this);
  add_change_pages(router, *this);
  add_open_data(router, *this);
  add_light_pages(router, *this);
  // Asked for by itself where the first thing that a browser opens is no page of ours, a file for instance.
  router.add(Method::get, "/favicon.ico",
             [this](const Request&) { return redirect("/assets/" + std::string(assets_->hashed("icon.svg"))); });
  add_admin_pages(router, *this);
  add_official_pages(router, *this);
  router.add_async(
      Method::post, "/act/{institution}/{key}/{action}",
      [this](Request request, Respond respond) { act(std::move(request), std::move(respond)); }, with_file);
  router.add_async(
      Method::post, "/api/commands",
      [this](Request request, Respond respond) { api_command(std::move(request), std::move(respond)); }, write);
  router.add_async(
      Method::post, "/bids/{key}", [this](Request request, Respond respond) { bid(std::move(request), std::move(respond)); },
      bids);
  router.add(
      Method::get, "/live/{key}",
      [this](const Request& request) {
        return follow(live_, "land-listing/" + std::string(request.parameter("key")), request);
      },
      RouteOptions{Access::open, Pace::live});
  router.add(Method::get, "/log", with(&Portal::log_page), open);
  router.add(Method::get, "/log/{index}", with(&Portal::leaf_page), open);
  // Public answers out of the store or out of memory, far less than a millisecond each: on the connection's own thread.
  // A tile never changes; a receipt holds for one checkpoint of the log and one of the witnesses.
  const auto tiles = std::make_shared<Ready>(std::size_t{32} << 20);
  const auto receipts = std::make_shared<Ready>(std::size_t{16} << 20);
  const auto records = std::make_shared<Ready>(std::size_t{16} << 20);
  router.add(
      Method::get, "/receipt/{index}",
      [this, receipts, marks = std::make_shared<Marks>()](const Request& request) {
        return receipts->answer(request, marks->at(engine_.head(log::Tree::open), witnessed_head(), 0),
                                [this](const Request& asked) { return receipt(asked); });
      },
      RouteOptions{});
  router.add(Method::get, "/receipt/sealed/{institution}/{key}/{index}", with(&Portal::sealed_receipt), signed_in);
  router.add(Method::get, "/own", with(&Portal::own_records), signed_in);
  router.add(Method::get, "/kept/{institution}/{key}/{field}", with(&Portal::kept_value), signed_in);
  router.add(Method::get, "/files/{institution}/{key}/{field}", with(&Portal::file_of_record), heavy);
  router.add(Method::get, "/files/{institution}/{key}/{leaf}/{field}", with(&Portal::file_of_act), heavy);
  add_tip_routes(router);
  router.add(Method::get, "/lock", with(&Portal::lock_page), open);
  router.add(Method::get, "/locked/{institution}/{key}/{field}", with(&Portal::locked_document), signed_in);
  router.add_async(
      Method::post, "/wishes/{key}",
      [this](Request request, Respond respond) { wish(std::move(request), std::move(respond)); }, write);
  router.add(Method::get, "/openings/{index}", with(&Portal::openings), open);
  router.add(Method::get, "/checkpoint", with(&Portal::checkpoint), RouteOptions{});
  router.add(Method::get, "/checkpoint/logged", with(&Portal::newest_checkpoint), RouteOptions{});
  router.add(Method::get, "/api/witnesses", with(&Portal::witness_figures), RouteOptions{});
  router.add(
      Method::get, "/tile/{path...}",
      [this, tiles](const Request& request) {
        return tiles->answer(request, nullptr, [this](const Request& asked) { return tile(asked); });
      },
      RouteOptions{});
  router.add(Method::get, "/verify", with(&Portal::verify_page), open);
  // Asking by number and holder is a guess like a password: it draws from the same narrow bucket.
  router.add(Method::post, "/verify", with(&Portal::verify_page), RouteOptions{Access::open, Pace::login, Run::worker});
  router.add(Method::get, "/line", with(&Portal::line_page), open);
  router.add(Method::post, "/line", with(&Portal::line_page), RouteOptions{Access::open, Pace::login, Run::worker});
  router.add(Method::post, "/api/lines", with(&Portal::api_line),
             RouteOptions{Access::open, Pace::login, Run::worker, std::size_t{1} << 14, "", true});
  router.add(Method::post, "/api/certificates", with(&Portal::api_certificate),
             RouteOptions{Access::open, Pace::login, Run::worker, std::size_t{1} << 14, "", true});
  router.add(Method::get, "/papers/{institution}/{key}/{leaf}/{name}", with(&Portal::paper), open);
  router.add(Method::get, "/papers/{institution}/{key}/{leaf}/{name}.pdf", with(&Portal::paper_pdf), heavy);
  auto bundle = heavy;
  bundle.pace = Pace::papers;
  router.add(Method::get, "/case/{institution}/{key}", with(&Portal::case_file), bundle);
  router.add(Method::get, "/api/later/{institution}/{key}", with(&Portal::later), open);
  router.add(Method::get, "/policy", with(&Portal::trust), RouteOptions{});
  router.add(Method::get, "/trust", with(&Portal::trust), RouteOptions{});
  router.add(
      Method::get, "/i/{institution}/file",
      [this](const Request& request) {
        const auto* found = pack_.current(request.parameter("institution"));
        if (found == nullptr) return refuse(base::refuse("EN-01", "没有此制度", "no such institution"), request);
        return cached(request, text(200, pack_.bytes(found->hash)), "no-cache");
      },
      RouteOptions{});
  router.add(Method::post, "/keys/{key}", with(&Portal::register_key), write);
  // A sealed record, and what of an open one a caller reads besides, is asked of the sequencer, which nobody waits for on a
  // connection's thread.
  router.add_async(
      Method::get, "/api/records/{institution}/{key}",
      [this, records, marks = std::make_shared<Marks>()](Request request, Respond respond) {
        const auto* in = pack_.current(request.parameter("institution"));
        // An erasure changes a document without a leaf, so commits count and not heads.
        if (in == nullptr || (!in->sealed() && !request.caller))
          return respond(records->answer(request, marks->at(nullptr, nullptr, engine_.gauges().batches.load()),
                                         [this](const Request& asked) { return api_record(asked); }));
        auto held = std::make_shared<Request>(std::move(request));
        auto answer = std::make_shared<Respond>(std::move(respond));
        if (!workers_.run([this, held, answer] { (*answer)(api_record(*held)); }))
          (*answer)(problem(base::fail("all workers are busy", true), *held));
      },
      RouteOptions{});
  router.add(Method::get, "/api/list/{institution}", with(&Portal::api_list), open);
  router.add(Method::get, "/openapi.json", with(&Portal::openapi), open);
  router.add(Method::get, "/lang/{code}", [](const Request& request) {
    // Back to the page that was read, if it is one of ours.
    const std::string from(request.headers.get("referer"));
    const auto place = from.find(request.host);
    const auto path = place == std::string::npos ? std::string() : from.substr(place + request.host.size());
    auto response = redirect(path.starts_with("/login") ? "/login" : safe_next(path));
    const auto code = request.parameter("code");
    response.header("set-cookie",
                    "lang=" + std::string(code == "en" ? "en" : "zh") + "; Path=/; Max-Age=31536000; SameSite=Lax");
    return response;
  });
  router.add(
      Method::get, "/login", [this](const Request& request) { return login_page(request, nullptr); }, open);
  router.add_async(
      Method::post, "/login", [this](Request request, Respond respond) { login(std::move(request), std::move(respond)); },
      RouteOptions{Access::open, Pace::login});
  add_account_pages(router);
  router.add(Method::post, "/logout", with(&Portal::logout), RouteOptions{Access::caller, Pace::write});
  router.add(Method::get, "/sw.js", [this](const Request& request) {
    auto response = assets_->serve("sw.js", request);
    response.headers.set("cache-control", "no-cache");
    return response;
  });
  add_leaf_words(router, pack_, assets_);
  add_assets(router, "/assets", assets_);
}

}  // namespace landglass::web
