// Two versions of an institution, as a page for people and as text for programs.
#include "web/compare.hpp"
#include "web/compare_versions.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"

namespace landglass::web {

using base::JsonArray;
using base::JsonObject;

Response Portal::compare_page(const Request& request) {
  const auto* was = pack_.by_hash(request.parameter("was"));
  const auto* file = pack_.by_hash(request.parameter("file"));
  if (was == nullptr || file == nullptr || was->name != request.parameter("institution") || file->name != was->name)
    return refuse(base::refuse("EN-01", "没有此版本", "no such version"), request);
  auto diff = compare_texts(pack_.bytes(was->hash), pack_.bytes(file->hash));
  if (!request.wants_html()) return cached(request, text(200, std::move(diff)), "public, max-age=31536000, immutable");
  auto model = page(request, file->title);
  auto compare = compare_versions(*was, *file, pack_);
  compare["heading"] = both("两个版本对照：" + file->title.zh, "Two versions: " + file->title.en);
  compare["diff"] = std::move(diff);
  model.as_object()["compare"] = std::move(compare);
  model.as_object()["crumbs"] = items(JsonArray{JsonObject{{"label", both(file->title)}, {"to", "/i/" + file->name}},
                                                JsonObject{{"label", both("版本对照", "Versions")}}});
  return render("compare", model, request);
}

}  // namespace landglass::web
