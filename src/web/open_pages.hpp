#pragma once
// Pages of the portal that are of no one register: how figures come about, what was corrected or withdrawn, the registers as
// files, the lights, and the three administrators' pages. Each adds its routes to a portal that outlives them.

#include <string>
#include <vector>

namespace landglass::web {

class Names;
class Portal;
class Router;
class Section;
struct Request;

void add_method_pages(Router& router, Portal& portal);    // /methods
void add_change_pages(Router& router, Portal& portal);    // /changes
void add_open_data(Router& router, Portal& portal);       // /open-data…
void add_light_pages(Router& router, Portal& portal);     // /lights, /api/calendar
void add_admin_pages(Router& router, Portal& portal);     // /admin/{which}
void add_official_pages(Router& router, Portal& portal);  // /account/half/{number}, /join/official
// Accounts whose code waits to be handed over, with the half that is this administrator's.
Section halves_of(Portal& portal, Names& names, const Request& request);
// An official's account ends with its record: from then on, and what ended before.
void follow_official_accounts(Portal& portal);
// The page of the administrator who holds these roles; empty: he is none.
std::string admin_page_of(const std::vector<std::string>& roles);

}  // namespace landglass::web
