#include "web/ways_on.hpp"

#include "web/portal_model.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;

namespace {

Json way(const Text& label, std::string to, const Text& text) {
  return JsonObject{{"label", both(label)}, {"to", std::move(to)}, {"text", both(text)}};
}

// Where somebody who followed a wrong address may have wanted to go.
JsonArray ways_from_nowhere() {
  return {way({"登记簿", "Registers"}, "/list", {"按登记簿查找记录", "Look a record up in its register"}),
          way({"凭编号和权利人核验证书", "A certificate, by number and holder"}, "/verify",
              {"也可核验回执与证书文件", "Receipts and files of certificates are checked there too"}),
          way({"征地分户查询", "One household's line of an expropriation"}, "/line",
              {"凭纸条上的登记号和查询码", "By the number and code on the slip"}),
          way({"日志", "The log"}, "/log", {"按序号、记录编号或哈希查找", "By index, record or hash"}),
          way({"举报与查看答复", "Report, or read an answer"}, "/tip",
              {"已举报的，凭十二个词回到原处", "Twelve words lead back to what was reported"})};
}

std::string address_of(const Request& request) {
  auto address = request.path;
  for (const auto& [name, value] : request.query)
    address += (address.size() == request.path.size() ? "?" : "&") + encode_component(name) + "=" + encode_component(value);
  return address;
}

}  // namespace

void put_ways_on(JsonObject& message, int status, const Request& request) {
  JsonArray links;
  const auto add = [&](const Text& label, std::string to) {
    JsonObject link{{"label", both(label)}, {"to", std::move(to)}};
    if (links.empty()) link["primary"] = true;
    links.push_back(std::move(link));
  };
  const bool reads = request.method == Method::get;
  const std::string institution(request.parameter("institution"));
  const std::string key(request.parameter("key"));
  // Of an act: back to its record, where the page says what may be done and what stands in the way.
  if (request.path.starts_with("/act/") && !key.empty())
    add({"返回记录", "Back to the record"}, "/r/" + institution + "/" + key);
  if (status == 404) {
    message["filter"] =
        JsonObject{{"action", "/"}, {"placeholder", both("坐落、公告编号或宗地", "Place, notice number or parcel")}};
    message["ways"] = items(ways_from_nowhere());
  }
  if (status == 401) add({"登录", "Sign in"}, "/login");
  if (reads && (status == 429 || status == 503 || status == 408))
    add({"重新打开本页", "Open this page again"}, address_of(request));
  if (request.caller) add({"我的办件", "My desk"}, "/desk");
  add({"返回首页", "Home"}, "/");
  message["links"] = items(std::move(links));
}

}  // namespace landglass::web
