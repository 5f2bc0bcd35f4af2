// What people do: forms and commands, sign-in and the JSON of both.
#include <algorithm>

#include "base/crypto.hpp"
#include "log/leaf.hpp"
#include "web/desk_routes.hpp"
#include "web/idempotency.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Action;
using institution::Institution;

namespace {

Pairs form_of(const Request& request) {
  auto form = parse_form(request);
  return form ? std::move(*form) : Pairs();
}

const Action* action_of(const Institution& in, std::string_view name) {
  if (in.create.name == name) return &in.create;
  for (const auto& action : in.always) {
    if (action.name == name) return &action;
  }
  for (const auto& state : in.main.states) {
    if (const auto* found = state.find(name)) return found;
  }
  for (const auto& region : in.parallel) {
    for (const auto& state : region.states) {
      if (const auto* found = state.find(name)) return found;
    }
  }
  return nullptr;
}

}  // namespace

JsonObject fields_of_form(const Institution& in, const Action& action, const Pairs& form) {
  JsonObject fields;
  for (const auto& name : action.give) {
    const auto* sent = form.find(name);
    if (sent == nullptr) continue;
    auto text = base::is_nfc(*sent) ? *sent : base::to_nfc(*sent);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r')) text.pop_back();
    if (text.empty()) continue;
    const auto* field = in.field(name);
    const std::string type = field == nullptr ? (name == "dissent" ? "boolean" : "text") : field->type;
    if (type == "money" || type == "area") {
      std::erase(text, ',');
      if (const auto money = base::parse_money(text)) text = base::money_text(*money);
      fields[name] = text;
    } else if (type == "integer") {
      char* end = nullptr;
      const auto number = std::strtoll(text.c_str(), &end, 10);
      fields[name] = end != nullptr && *end == '\0' ? Json(std::int64_t{number}) : Json(text);
    } else if (type == "boolean") {
      fields[name] = text == "on" || text == "true" || text == "1";
    } else if (type == "time") {
      if (text.size() == 16) text += ":00";
      if (text.size() == 19) text += "+08:00";
      fields[name] = text;
    } else {
      fields[name] = text;
    }
  }
  return fields;
}

void Portal::command(engine::Command command, const Request& request, Respond respond, bool as_json) {
  auto shared = std::make_shared<Request>(request);
  auto answer_to = std::make_shared<Respond>(std::move(respond));
  const auto kept = command;
  engine_.submit(std::move(command), [this, shared, answer_to, as_json, kept](base::Result<engine::Answer> answer) {
    if (!answer) {
      if (as_json || !shared->wants_html()) return (*answer_to)(problem(answer.trouble(), *shared));
      return (*answer_to)(refuse(answer.trouble(), *shared));
    }
    if (as_json) {
      JsonObject body{{"record", answer->record},
                      {"version", answer->version},
                      {"tree", answer->tree == log::Tree::open ? "open" : "sealed"}};
      if (answer->tree == log::Tree::open) {
        body["index"] = answer->seq;
        body["receipt"] = "/receipt/" + std::to_string(answer->seq);
        if (answer->head && !answer->again) {
          auto proof = answer->head->frontier.inclusion(answer->seq, nullptr);
          if (proof) {
            JsonArray hashes;
            for (const auto& hash : *proof) hashes.emplace_back(base::to_base64(hash));
            body["proof"] = std::move(hashes);
            body["checkpoint"] = answer->head->checkpoint;
            body["leaf"] = answer->leaf;
          }
        }
      }
      return (*answer_to)(json(200, Json(std::move(body))));
    }
    auto to = href_of(answer->record);
    if (answer->tree == log::Tree::open) to += "?done=" + std::to_string(answer->seq);
    (*answer_to)(redirect(std::move(to)));
  });
}

void Portal::act(Request request, Respond respond) {
  const std::string institution(request.parameter("institution"));
  const std::string id = institution + "/" + std::string(request.parameter("key"));
  const auto* in = pack_.current(institution);
  if (in == nullptr)
    return respond(refuse(base::refuse("EN-01", "没有此制度", "no such institution", institution), request));
  const auto* action = action_of(*in, request.parameter("action"));
  if (action == nullptr)
    return respond(
        refuse(base::refuse("EN-02", "没有此动作", "no such action", std::string(request.parameter("action"))), request));
  auto form = form_of(request);
  keep_files(request, *in, *action, form);
  engine::Command command;
  command.id = Idempotency::command_id(request.caller->actor, form.get("command"));
  command.record = id;
  command.action = action->name;
  command.actor = request.caller->actor;
  command.fields = fields_of_form(*in, *action, form);
  // Versions matter where somebody else may have acted since; a contended lot is judged by its ladder.
  if (const auto version = form.get("version"); !version.empty() && in->behaviour.empty())
    command.expects = std::strtoull(std::string(version).c_str(), nullptr, 10);
  // The session vouches for the official here; a post's own key signs through the API (docs/keys.md).
  if (action->is_signed) command.sig = log::LeafSignature{"session", "", request.caller->session};
  this->command(std::move(command), request, std::move(respond), false);
}

void Portal::create(Request request, Respond respond) {
  const std::string institution(request.parameter("institution"));
  const auto* in = pack_.current(institution);
  if (in == nullptr)
    return respond(refuse(base::refuse("EN-01", "没有此制度", "no such institution", institution), request));
  auto form = form_of(request);
  keep_files(request, *in, in->create, form);
  engine::Command command;
  command.id = Idempotency::command_id(request.caller->actor, form.get("command"));
  command.institution = institution;
  command.actor = request.caller->actor;
  command.fields = fields_of_form(*in, in->create, form);
  if (in->create.is_signed) command.sig = log::LeafSignature{"session", "", request.caller->session};
  this->command(std::move(command), request, std::move(respond), false);
}

Response Portal::new_form(const Request& request) {
  const std::string institution(request.parameter("institution"));
  const auto* in = pack_.current(institution);
  if (in == nullptr) return refuse(base::refuse("EN-01", "没有此制度", "no such institution", institution), request);
  auto model = page(request, in->create.title);
  JsonObject given;
  for (const auto& name : in->create.give) {
    if (const auto value = request.query.get(name); !value.empty()) given[name] = std::string(value);
  }
  model.as_object()["form"] = form_model(*in, in->create, "/new/" + institution, nullptr, &given, nullptr);
  model.as_object()["crumbs"] =
      JsonObject{{"items", JsonArray{JsonObject{{"label", both(in->title)}, {"to", "/list/" + in->name}},
                                     JsonObject{{"label", both(in->create.title)}}}}};
  return render("form", model, request);
}

// POST /api/commands: {institution | record, action, fields, as_of?, version?, post?, sig?}, with an Idempotency-Key.
void Portal::api_command(Request request, Respond respond) {
  auto body = base::parse_json(request.body);
  if (!body) return respond(problem(body.trouble(), request));
  const auto key = request.headers.get("idempotency-key");
  if (key.empty())
    return respond(problem(
        base::Trouble(base::refuse("KEY-FORM", "缺少 Idempotency-Key", "Idempotency-Key is missing", "idempotency-key")),
        request));
  engine::Command command;
  command.id = Idempotency::command_id(request.caller->actor, key);
  command.institution = body->text("institution");
  command.record = body->text("record");
  command.action = body->text("action");
  command.actor = request.caller->actor;
  command.post = body->text("post");
  if (const auto* fields = body->at("fields").if_object()) command.fields = *fields;
  if (const auto* version = body->at("version").if_int()) command.expects = static_cast<std::uint64_t>(*version);
  if (const auto as_of = body->text("as_of"); !as_of.empty()) command.as_of = base::parse_time(as_of);
  if (command.action == "offer")
    return respond(problem(base::Trouble(base::refuse("EN-02", "报价请用 /bids", "offers go to /bids", "action")), request));
  command.sig = log::LeafSignature{"session", "", request.caller->session};
  this->command(std::move(command), request, std::move(respond), true);
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
  return render("login", model, request, error == nullptr ? 200 : 401);
}

void Portal::login(Request request, Respond respond) {
  const auto form = form_of(request);
  SignIn proofs{std::string(form.get("login")), std::string(form.get("password")), std::string(form.get("code")), "browser"};
  const auto next = safe_next(form.get("next"));
  auto shared = std::make_shared<Request>(std::move(request));
  auto answer = std::make_shared<Respond>(std::move(respond));
  accounts_.sign_in(std::move(proofs), [this, shared, answer, next](base::Result<Sessions::Begun> begun) {
    if (!begun) {
      if (begun.refused()) {
        const auto refusal = begun.refusal();
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
  const auto with = [&](Response (Portal::*handler)(const Request&)) {
    return [this, handler](const Request& request) { return (this->*handler)(request); };
  };
  const RouteOptions open{Access::open, Pace::read, Run::worker};
  const RouteOptions signed_in{Access::caller, Pace::read, Run::worker};
  RouteOptions write{Access::caller, Pace::write, Run::worker};
  write.scope = "act";
  auto with_file = write;
  with_file.max_body = std::size_t{33} << 20;  // a statement has at most 32 MiB, and the form around it a little
  router.add(Method::post, "/api/files", with(&Portal::keep_file), with_file);
  router.add(Method::get, "/", with(&Portal::market), open);
  router.add(Method::get, "/list", with(&Portal::list), open);
  router.add(Method::get, "/list/{institution}", with(&Portal::list), open);
  router.add(Method::get, "/r/{institution}/{key}", with(&Portal::record), open);
  router.add(Method::get, "/i/{institution}", with(&Portal::institution_page), open);
  router.add(Method::get, "/room/{key}", with(&Portal::room), signed_in);
  router.add(Method::get, "/desk", with(&Portal::inbox), signed_in);
  router.add(Method::get, "/new/{institution}", with(&Portal::new_form), signed_in);
  router.add_async(
      Method::post, "/new/{institution}",
      [this](Request request, Respond respond) { create(std::move(request), std::move(respond)); }, with_file);
  router.add_async(
      Method::post, "/act/{institution}/{key}/{action}",
      [this](Request request, Respond respond) { act(std::move(request), std::move(respond)); }, with_file);
  router.add_async(
      Method::post, "/api/commands",
      [this](Request request, Respond respond) { api_command(std::move(request), std::move(respond)); }, write);
  router.add_async(
      Method::post, "/bids/{key}", [this](Request request, Respond respond) { bid(std::move(request), std::move(respond)); },
      write);
  router.add(
      Method::get, "/live/{key}",
      [this](const Request& request) {
        return follow(live_, "land-listing/" + std::string(request.parameter("key")), request);
      },
      RouteOptions{Access::open, Pace::live});
  router.add(Method::get, "/log", with(&Portal::log_page), open);
  router.add(Method::get, "/log/{index}", with(&Portal::leaf_page), open);
  router.add(Method::get, "/receipt/{index}", with(&Portal::receipt), open);
  router.add(Method::get, "/openings/{index}", with(&Portal::openings), open);
  router.add(Method::get, "/checkpoint", with(&Portal::checkpoint), RouteOptions{});
  router.add(Method::get, "/checkpoint/logged", with(&Portal::newest_checkpoint), RouteOptions{});
  router.add(Method::get, "/api/witnesses", with(&Portal::witness_figures), RouteOptions{});
  router.add(Method::get, "/tile/{path...}", with(&Portal::tile), open);
  router.add(Method::get, "/verify", with(&Portal::verify_page), open);
  // Asking by number and holder is a guess like a password: it draws from the same narrow bucket.
  router.add(Method::post, "/verify", with(&Portal::verify_page), RouteOptions{Access::open, Pace::login, Run::worker});
  router.add(Method::post, "/api/certificates", with(&Portal::api_certificate),
             RouteOptions{Access::open, Pace::login, Run::worker, std::size_t{1} << 14, "", true});
  router.add(Method::get, "/papers/{institution}/{key}/{leaf}/{name}", with(&Portal::paper), open);
  router.add(Method::get, "/case/{institution}/{key}", with(&Portal::case_file), open);
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
  router.add(Method::get, "/api/records/{institution}/{key}", with(&Portal::api_record), open);
  router.add(Method::get, "/api/list/{institution}", with(&Portal::api_list), open);
  router.add(Method::get, "/openapi.json", with(&Portal::openapi), open);
  router.add(Method::get, "/lang/{code}", [](const Request& request) {
    auto response = redirect("/");
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
  router.add(Method::post, "/logout", with(&Portal::logout), RouteOptions{Access::caller, Pace::write});
  router.add(Method::get, "/sw.js", [this](const Request& request) {
    auto response = assets_->serve("sw.js", request);
    response.headers.set("cache-control", "no-cache");
    return response;
  });
  add_assets(router, "/assets", assets_);
}

}  // namespace landglass::web
