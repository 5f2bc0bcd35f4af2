#pragma once
// Portal and workbench: every page and route that comes out of the institutions. No page is written for an institution; a
// lot's ladder and the bidder's room are the two that a behaviour adds.

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/engine.hpp"
#include "store/store.hpp"
#include "web/accounts.hpp"
#include "web/arrivals.hpp"
#include "web/assets.hpp"
#include "web/called.hpp"
#include "web/citations.hpp"
#include "web/file_quota.hpp"
#include "web/gate.hpp"
#include "web/http.hpp"
#include "web/live.hpp"
#include "web/metrics.hpp"
#include "web/practice.hpp"
#include "web/readers.hpp"
#include "web/render.hpp"
#include "web/router.hpp"
#include "web/tables.hpp"
#include "web/witnesses.hpp"
#include "web/workers.hpp"

namespace landglass::watch {
class Watch;
}

namespace landglass::tips {
class Postbox;
struct Letter;
}  // namespace landglass::tips

namespace landglass::institution {
struct Asking;
}

namespace landglass::disclosure {
class Archive;
}

namespace landglass::web {

class PaperRoom;

struct PortalOptions {
  base::Text name{"明鉴国土", "Landglass"};
  base::Text authority{"国土资源交易与监督平台", "Land and resources trading and oversight"};
  bool demo = false;  // 演示 on every page
  std::string assets_folder = "build/assets";
  std::string papers_folder = "packs/cn-land/papers";
  std::string licence = "CC BY 4.0";  // of the open data
  std::string licence_url = "https://creativecommons.org/licenses/by/4.0/";
  bool join = true;                                      // citizens and bidders open accounts for themselves
  std::int64_t files_per_day = std::int64_t{512} << 20;  // bytes of files that one account may hand in
};

class Portal {
 public:
  Portal(PortalOptions options, engine::Engine& engine, store::Store& store, institution::Pack& pack, Templates& templates,
         std::shared_ptr<const Assets> assets, Accounts& accounts, Gate& gate, Live& live, Metrics& metrics,
         base::Clock& clock);

  // Before add_routes; without it there is only one level, logged.
  void use_witnesses(const Witnesses& witnesses) { witnesses_ = &witnesses; }
  // Before add_routes; without it sealed institutions have no lists.
  void use_watch(watch::Watch& watch) { watch_ = &watch; }
  // Before add_routes; without it nobody can report here.
  void use_postbox(tips::Postbox& postbox) { postbox_ = &postbox; }
  void add_routes(Router& router);
  // What a lot's followers see: called for each published change of a lot.
  void follow_lots();

  // -- shared by the pages --
  base::Json page(const Request& request, base::Text title) const;
  // A page's model in the reader's language, citations of law too.
  base::Json localised(const base::Json& model, Language language) const;
  Response render(std::string_view name, const base::Json& model, const Request& request, int status = 200) const;
  Response refuse(const base::Trouble& trouble, const Request& request) const;
  Readers::Lease reader(store::Sight sight) const { return readers_.take(sight); }
  const institution::Pack& pack() const { return pack_; }
  const PortalOptions& options() const { return options_; }
  engine::Engine& engine() { return engine_; }
  base::Clock& clock() { return clock_; }
  watch::Watch* watch() { return watch_; }
  Accounts& accounts() { return accounts_; }
  Gate& gate() { return gate_; }
  Names names() const { return {pack_, reader(store::Sight::open)}; }
  // Names that this caller may read of the persons and parties whom the fields name (institution/sight.hpp).
  void tell_names(Names& names, const base::JsonObject& fields, const Request& request);

  // A record's public document, or null.
  base::Result<base::Json> public_doc(std::string_view institution, std::string_view id);
  base::Json field_model(const institution::Field& field, const base::Json* value, bool may_see,
                         Names* names = nullptr) const;
  void list_models(const institution::Field& field, const base::Json& value, base::JsonArray& out, Names& names) const;
  base::Json state_model(const institution::Institution& in, std::string_view states) const;
  base::Json record_body(const institution::Institution& in, const base::Json& doc, const Request& request, bool internal);
  // -- portal_private.cpp --
  // Who asks, with the posts that he holds now; on the sequencer's thread.
  institution::Asking asking(institution::Registry& registry, const Request& request) const;
  // What of an open record this caller reads besides what is public.
  struct Readable {
    base::JsonObject fields;                   // private values; what is locked, and a machine's json, nobody reads
    std::set<std::string, std::less<>> names;  // of private fields, also of those that hold nothing
    std::set<std::string, std::less<>> files;  // of fields and words that name a file which he may open
    std::string actor;                         // who asks; empty: nobody is signed in
  };
  // The document of a record without what this caller does not read, for a form; null where there is none.
  base::Json doc_for(const institution::Institution& in, const std::string& id, const Request& request);
  Readable readable(const institution::Institution& in, const std::string& id, const Request& request);
  base::Json readable_section(const institution::Institution& in, const base::JsonObject& open, const Readable& own,
                              const std::string& id, const Request& request);
  // -- portal_files.cpp --
  // A field of type file: its digest, and the address of its bytes where this caller may have them.
  base::Json file_model(const institution::Field& field, const base::Json& value, const std::string& to, bool opens);
  // What an act said in words of its verb and which files it gave, for a timeline: {text?, files?}, or null. `to` is the
  // address of its files but for their field, `his` whether the reader did it.
  base::Json said_model(const institution::Institution& in, const log::Change& change, const std::string& to, Names& names,
                        const Readable& own, bool his);
  base::Json form_model(const institution::Institution& in, const institution::Action& action, std::string_view target,
                        const base::Json* record, const base::JsonObject* given, const base::Refusal* error);

 private:
  Response market(const Request& request);
  Response list(const Request& request);
  Response registers(const Request& request);
  Response kept_value(const Request& request);
  // -- portal_files.cpp --
  Response file_of_record(const Request& request);
  Response file_of_act(const Request& request);
  Response file_response(const std::string& hash, const std::string& name, const Request& request);
  Response board(const Request& request);
  std::vector<std::string> board_ids(const Request& request, const institution::Institution& in,
                                     const std::vector<std::string>& states);
  Response record(const Request& request);
  Response lot(const Request& request);
  Response room(const Request& request);
  Response room_status(const Request& request);
  Response slip(const Request& request);
  Response practice(const Request& request);
  Response practice_keys(const Request& request);
  Response practice_bid(const Request& request);
  Response practice_again(const Request& request);
  Response feed(const Request& request);
  Response register_csv(const Request& request);
  Response warnings(const Request& request);
  Response inbox(const Request& request);
  Response institution_page(const Request& request);
  bool taken_over(const institution::Institution& in, base::JsonObject& given);
  Response new_form(const Request& request);
  struct FormAct {
    const institution::Institution* in = nullptr;
    const institution::Action* action = nullptr;
    engine::Command command;
  };
  base::Result<FormAct> act_of_form(const Request& request);
  base::Result<engine::Command> command_of_json(const Request& request) const;
  void act(Request request, Respond respond);
  Response statement(const Request& request);
  Response api_statement(const Request& request);
  Response answer_statement(const institution::Institution& in, const institution::Action& action, engine::Command command,
                            const Request& request);
  void command(engine::Command command, const Request& request, Respond respond, bool as_json);
  static Response command_answer(const base::Result<engine::Answer>& answer, const Request& request);
  Response log_page(const Request& request);
  Response leaf_page(const Request& request);
  Response receipt(const Request& request);
  Response checkpoint(const Request& request);
  Response tile(const Request& request);
  Response verify_page(const Request& request);
  Response api_certificate(const Request& request);
  // A household's own line, by the code on its slip; an empty record where number and code do not go together.
  struct Line {
    std::string record;
    base::Json called, state;
    std::vector<base::Json> fields;
    base::JsonArray openings;  // of each field, in the same order
  };
  Line line_of(const std::string& number, const std::string& typed);
  base::Result<base::JsonArray> line_files(const Line& own);
  base::Result<base::Json> line_found(const std::string& number, const std::string& typed);
  Response line_page(const Request& request);
  Response api_line(const Request& request);
  base::Json certificate_state(const std::string& number, const std::string& holder);
  void in_archive(const Request& request, const std::function<void(disclosure::Archive&, const institution::Asking&)>& look);
  base::Json papers_model(std::string_view record, const Request& request);
  Response paper(const Request& request);
  Response paper_pdf(const Request& request);
  Response certificate_file(const std::string& id, std::uint64_t leaf, const Request& request);
  Response case_file(const Request& request);
  Response later(const Request& request);
  std::string trusted() const;  // keys and witnesses, as a policy
  Response trust(const Request& request);
  Response newest_checkpoint(const Request& request);
  Response witness_figures(const Request& request);
  Response openings(const Request& request);
  Response register_key(const Request& request);
  struct Own {
    base::Json application;  // null: he has none
    base::Json deposit;
    std::int64_t plate = 0;  // 0: not admitted
    std::int64_t counter = 0;
    std::vector<base::Json> offers;  // newest first
  };
  Own own_of(institution::Registry& registry, engine::Cache& cache, std::string_view lot, std::string_view party);
  std::string application_of(institution::Registry& registry, engine::Cache& cache, std::string_view lot,
                             std::string_view party);  // its record id, or empty
  struct Post {
    std::string title;  // office and post, of an official
    std::vector<std::string> roles;
    std::vector<std::string> regions;  // division codes, one of each post
    std::vector<std::string> offices;  // of each post
  };
  Post post_of(const Request& request);
  bool may_begin(const institution::Institution& in, const Request& request);
  static bool begun_by(const institution::Institution& in, const Post& post, const std::string& actor);
  base::Json live_lots();
  static Response own_page(Response response);
  Response api_record(const Request& request);
  Response api_list(const Request& request);
  Response openapi(const Request& request);
  void api_command(Request request, Respond respond);
  void bid(Request request, Respond respond);
  void take_bid(const std::shared_ptr<Request>& request, const std::shared_ptr<Respond>& respond, const std::string& lot,
                Arrivals::Ticket& ticket);
  // What a bid needs to know of its lot and its bidder, so that the sequencer is not asked for each: kept as of the last
  // leaf that changed an application or a lot's own fields.
  struct Entrance {
    std::string sheet;        // hash of the rule sheet
    std::string application;  // of this party; empty: he has none
  };
  Entrance entrance(const std::string& lot, const std::string& party);
  void forget_entrances(const std::vector<engine::Published>& events);
  Response login_page(const Request& request, const base::Refusal* error) const;
  void login(Request request, Respond respond);
  Response logout(const Request& request);
  // -- portal_account.cpp --
  void add_account_pages(Router& router);
  Response account_pages(base::JsonArray parts, const base::Text& title, const Request& request, int status = 200) const;
  Response join_page(const Request& request, const base::JsonObject& given, const base::Refusal* error);
  void join(Request request, Respond respond);
  struct AccountErrors {
    base::Text old_password, new_password, again, token;
  };
  base::Result<base::Json> tokens_part(const std::string& login, const base::Text& wrong) const;
  Response account_token(const Request& request);
  Response account_token_end(const Request& request);
  Response account_page(const Request& request);
  Response account_page(const Request& request, const AccountErrors& errors);
  void account_password(Request request, Respond respond);
  Response account_totp(const Request& request);
  Response totp_offer_page(const Request& request, const std::string& secret, const std::string& uri) const;
  Response account_totp_confirm(const Request& request);
  Response account_end(const Request& request);
  std::map<std::int64_t, std::int64_t> plates_of(const base::Json& doc);
  base::Json live_state(const base::Json& doc, const std::map<std::int64_t, std::int64_t>& plates) const;
  base::Json ladder_model(const base::Json& doc, const std::map<std::int64_t, std::int64_t>& plates) const;
  base::JsonObject room_model(const base::Json& doc, const std::string& paths) const;
  base::Json take_part_model(const base::Json& doc, const std::string& key) const;
  base::Json host_model(base::Json& model, const struct Standing& standing) const;
  base::Json who_is(const Caller& caller) const;
  static base::Json done_notice(std::string_view index);
  base::Json rules_of(const institution::Institution& in, const institution::Action& action) const;
  base::Json suggestions(const institution::Field& field);
  base::Json input_model(const institution::Field& field, const institution::Action& action, bool needed, base::Json value,
                         const base::JsonObject& all);
  // What was sent; the files of the action's fields are kept in the vault and named by their hash.
  base::Result<Pairs> form_of(const Request& request, const institution::Institution& in, const institution::Action& action);
  Response form_again(const Request& request, const institution::Institution& in, const institution::Action& action,
                      const engine::Command& command, const base::Refusal& refusal);
  // The newest tree that a quorum has cosigned, or null; the newest of all is the engine's.
  std::shared_ptr<const engine::Head> witnessed_head() const;
  base::Json level_model(std::uint64_t seq) const;  // of a leaf: logged, or witnessed and when
  base::Json witnesses_panel() const;               // on the log's page; null where there are none
  base::Result<base::Json> receipt_json(const engine::Head& head, std::uint64_t seq);
  base::Result<base::Json> best_receipt(std::uint64_t seq);  // under a witnessed checkpoint where one covers the leaf
  void see_action(const Request& request, std::string_view id, base::Json& model);
  // -- portal_sealed.cpp --
  struct Sealed {
    base::Json doc;            // null where this caller may not see it
    base::JsonArray timeline;  // newest first
    base::JsonArray related;   // as a page shows them
    base::JsonObject records;  // by fact: the documents of what the record's lists name
  };
  static bool may_see(institution::Registry& registry, engine::Cache& cache, const institution::Institution& in,
                      const institution::Record& record, const Request& request, base::Time now);
  // Whether its leaves may be proved to whom it is shown: a leaf's number counts what came before it (decision 0110).
  static bool may_prove(engine::Cache& cache, const institution::Institution& in, const institution::Record& record);
  Sealed sealed(const Request& request, const institution::Institution& in, const std::string& id);
  // Divisions in which this caller's posts may list a sealed institution; none: he may not.
  std::vector<std::string> lists_sealed(const Request& request, const institution::Institution& in);
  // Its records as a register's rows are: id, states, document, changed.
  base::Result<std::vector<store::Row>> sealed_rows(const Request& request, const institution::Institution& in,
                                                    const std::string& state, const std::string& text, int offset,
                                                    int limit);
  // -- portal_gathered.cpp --
  // What over all registers names this record, as sections of tables: of open ones what is public and what this caller may
  // read besides, of sealed ones those that he may list.
  std::vector<Section> gathered(const Request& request, const std::string& id);
  // Records that gather what names this one, where this caller may begin them: {label, to}.
  base::JsonArray gatherers(const Request& request, const institution::Institution& in, const std::string& id);
  Response sealed_receipt(const Request& request);
  // -- portal_own.cpp --
  Response own_records(const Request& request);
  std::vector<Section> open_own(const Request& request);
  void wish(Request request, Respond respond);
  // -- portal_lock.cpp --
  Response lock_page(const Request& request);
  Response locked_document(const Request& request);
  base::Json locked_of(institution::Registry& registry, engine::Cache& cache, const institution::Record& record,
                       const Request& request) const;
  // -- portal_tips.cpp --
  void add_tip_routes(Router& router);
  Response tip_page(const Request& request);
  Response tip_back_page(const Request& request);
  Response tip_desk_page(const Request& request);
  Response tip_choices(const Request& request);
  void keep_letter(tips::Letter letter, const Request& request, Respond respond);
  void take_tip(Request request, Respond respond);
  void take_tip_message(Request request, Respond respond);
  base::Json tip_thread(institution::Registry& registry, engine::Cache& cache, const institution::Record& tip,
                        bool to_reporter) const;
  Response tip_mailbox(const Request& request);
  Response tip_of_desk(const Request& request);
  // -- portal_compare.cpp --
  Response compare_page(const Request& request);
  // -- portal_brief.cpp, portal_bulk.cpp --
  struct Task {
    base::Json model;  // as page-model.md says
    std::string light;
    std::int64_t due = 0;  // ms; far away where there is none
  };
  struct Tasks {
    std::vector<Task> list;                              // by deadline
    std::vector<const institution::Institution*> among;  // registers in which more wait than are told
  };
  Tasks tasks_of(const Request& request, const std::string& query);
  std::vector<std::string> sealed_candidates(const Request& request, const std::vector<std::string>& roles);
  Response brief(const Request& request);
  Response bulk_form(const Request& request);
  Response bulk_preview(const Request& request);
  void bulk_send(Request request, Respond respond);
  Response keep_file(const Request& request);
  base::Result<std::string> keep_for(const Request& request, std::string_view bytes);
  // Refuses FILE-02 what names a file that is not here, or that he has not handed in.
  base::Status hold_files(const institution::Institution& in, const base::JsonObject& fields,
                          const std::string& actor) const;
  // Signed in the browser with the key of the post (`given` an object), or vouched for by the session where the installation
  // takes that.
  base::Status take_signature(const base::Json& given, const Request& request, engine::Command& command) const;

  PortalOptions options_;
  engine::Engine& engine_;
  store::Store& store_;
  mutable Readers readers_{store_};
  institution::Pack& pack_;
  Citations citations_{pack_};
  Templates& templates_;
  std::shared_ptr<const Assets> assets_;
  Accounts& accounts_;
  Gate& gate_;
  Live& live_;
  Metrics& metrics_;
  base::Clock& clock_;
  const Witnesses* witnesses_ = nullptr;
  watch::Watch* watch_ = nullptr;
  tips::Postbox* postbox_ = nullptr;
  struct Warning {
    std::uint64_t index = 0;
    base::Time time;
    std::string institution;
    std::string record;
    std::string code;
    std::string detail;
  };
  void gather_warnings(log::Tree tree = log::Tree::open);
  // Of sealed records that he reads in a register which he may list, the newest first, at most so many: nobody else is told.
  std::vector<Warning> sealed_warnings(const Request& request);
  std::mutex warnings_mutex_;
  std::deque<Warning> warnings_;  // oldest first, the newest of them
  std::uint64_t warnings_seen_ = 0;
  std::mutex sealed_warnings_mutex_;     // its own: who is told of none does not wait for those who are
  std::deque<Warning> sealed_warnings_;  // likewise, of the sealed tree
  std::uint64_t sealed_warnings_seen_ = 0;
  Practice practice_;
  std::shared_ptr<PaperRoom> papers_;
  std::mutex entrances_mutex_;
  std::map<std::string, std::map<std::string, Entrance, std::less<>>, std::less<>> entrances_;  // by lot and party
  std::uint64_t entrances_epoch_ = 0;
  bool follows_ = false;  // without follow_lots() nobody says when what is kept is no longer so
  Arrivals arrivals_;
  FileQuota file_quota_{options_.files_per_day};
  Workers workers_{1, 256};  // last: it ends first
  // Of bids: a verification keeps a core busy, and a place in their queue is a place in a lot's.
  Workers verifiers_{std::max(2U, std::thread::hardware_concurrency()), 16'384};
};

// A value as people read it, by its field's type: amounts with 元 and 大写 beside, areas in 公顷 and 亩, codes by their
// names.
base::Text show_value(const institution::Field& field, const base::Json& value, const institution::Pack& pack);
// What a form sent, as a command's fields: an amount typed as "1,000,000" becomes "1000000.00", an empty field is absent.
base::JsonObject fields_of_form(const institution::Institution& in, const institution::Action& action, const Pairs& form);
std::string href_of(std::string_view record_id);
base::Text deadline_title(const institution::Institution& in, const institution::Deadline& deadline);

}  // namespace landglass::web
