// Papers, case files and certificates of records: printed when they are asked for, for the one who asks.
#include <algorithm>

#include "base/crypto.hpp"
#include "disclosure/archive.hpp"
#include "disclosure/html.hpp"
#include "log/merkle.hpp"
#include "web/paper_room.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using disclosure::Archive;
using disclosure::RecordPaper;
using institution::Asking;

namespace {

constexpr std::string_view k_slot = "@@paper@@";  // where the page's template puts the article, which is markup

std::optional<std::uint64_t> index_of(std::string_view text) {
  if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  return std::stoull(std::string(text));
}

std::string href_of_paper(const RecordPaper& paper) {
  return "/papers/" + paper.record + "/" + std::to_string(paper.leaf) + "/" + paper.name;
}

std::string record_of(const Request& request) {
  return std::string(request.parameter("institution")) + "/" + std::string(request.parameter("key"));
}

// A paper may hold what is open to its reader alone.
void keep_private(Response& response, const Request& request) {
  response.headers.set("cache-control", request.caller ? "no-store" : "no-cache");
}

void as_download(Response& response, const std::string& name) {
  response.header("content-disposition", "attachment; filename=\"" + name + "\"");
}

std::string file_name(std::string_view record, std::string_view rest) {
  auto name = std::string(record) + "-" + std::string(rest);
  std::replace(name.begin(), name.end(), '/', '-');
  return name;
}

}  // namespace

void Portal::in_archive(const Request& request, const std::function<void(Archive&, const Asking&)>& look) {
  const auto templates = papers_->templates();
  if (!templates) return;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    const auto asking = this->asking(registry, request);
    Archive archive(pack_, cache, store_, **templates, options_.demo);
    look(archive, asking);
  });
}

// The part of a record's page that lists its papers; null where there are none for this reader.
Json Portal::papers_model(std::string_view record, const Request& request) {
  JsonArray rows;
  in_archive(request, [&](Archive& archive, const Asking& asking) {
    const auto papers = archive.papers_of(record, asking);
    if (!papers) return;
    for (const auto& paper : *papers) {
      JsonObject row{{"label", both(paper.title)},
                     {"when", base::format_local(paper.as_of).substr(0, 16)},
                     {"to", href_of_paper(paper)},
                     {"hash", both("日志 " + std::to_string(paper.leaf), "leaf " + std::to_string(paper.leaf))}};
      if (!paper.number.empty()) row["number"] = paper.number;
      rows.push_back(std::move(row));
    }
  });
  if (rows.empty()) return Json();
  rows.push_back(JsonObject{{"label", both("案卷（全部文书，zip）", "Case file (all papers, zip)")},
                            {"when", base::format_local(clock_.now()).substr(0, 16)},
                            {"to", "/case/" + std::string(record)},
                            {"hash", "zip"}});
  return items(std::move(rows));
}

// …/<name>.pdf: the sheet.
Response Portal::paper_pdf(const Request& request) {
  const auto id = record_of(request);
  const auto leaf = index_of(request.parameter("leaf"));
  const std::string name(request.parameter("name"));
  Result<disclosure::Document> made = base::refuse("PAPER-08", "没有此文书", "there is no such paper", id);
  if (leaf)
    in_archive(request, [&](Archive& archive, const Asking& asking) { made = archive.document(id, *leaf, name, asking); });
  if (!made) return refuse(made.trouble(), request);
  auto pdf = papers_->print(*made);
  if (!pdf) return refuse(pdf.trouble(), request);
  auto response = text(200, *std::move(pdf), "application/pdf");
  const auto file = file_name(id, std::to_string(*leaf) + "-" + name);
  response.header("content-disposition", "inline; filename=\"" + file + ".pdf\"");
  keep_private(response, request);
  return response;
}

// …/<name> is a page, …/certificate.json the file that proves itself.
Response Portal::paper(const Request& request) {
  const auto id = record_of(request);
  const auto leaf = index_of(request.parameter("leaf"));
  std::string name(request.parameter("name"));
  const bool as_json = name.ends_with(".json");
  if (as_json) name.resize(name.size() - 5);
  const base::Refusal absent = base::refuse("PAPER-08", "没有此文书", "there is no such paper", id);
  if (!leaf) return refuse(absent, request);
  if (as_json) return certificate_file(id, *leaf, request);
  Result<disclosure::Document> made = absent;
  in_archive(request, [&](Archive& archive, const Asking& asking) { made = archive.document(id, *leaf, name, asking); });
  if (!made) return refuse(made.trouble(), request);
  auto model = page(request, made->title);
  const auto base = "/papers/" + id + "/" + std::to_string(*leaf) + "/" + name;
  JsonArray files{JsonObject{{"label", "PDF"}, {"to", base + ".pdf"}}};
  if (made->look == disclosure::Look::certificate)
    files.push_back(JsonObject{{"label", both("证书文件（可离线核验）", "Certificate file (proves itself offline)")},
                               {"to", base + ".json"}});
  files.push_back(JsonObject{{"label", both("案卷", "Case file")}, {"to", "/case/" + id}});
  files.push_back(JsonObject{{"label", both("记录", "Record")}, {"to", href_of(id)}});
  model.as_object()["paper"] = JsonObject{{"slot", std::string(k_slot)}, {"files", items(std::move(files))}};
  auto response = render("paper", model, request);
  auto body = *response.body;
  if (const auto at = body.find(k_slot); at != std::string::npos) body.replace(at, k_slot.size(), disclosure::html(*made));
  response.body = std::make_shared<const std::string>(std::move(body));
  keep_private(response, request);
  return response;
}

Response Portal::certificate_file(const std::string& id, std::uint64_t leaf, const Request& request) {
  Result<Json> made = base::refuse("PAPER-08", "没有此证书", "there is no such certificate", id);
  in_archive(request, [&](Archive& archive, const Asking& asking) { made = archive.certificate(id, leaf, asking); });
  if (!made) return refuse(made.trouble(), request);
  auto receipt = best_receipt(leaf);
  if (!receipt) return refuse(receipt.trouble(), request);
  made->as_object()["receipt"] = *std::move(receipt);
  auto response = text(200, base::canonical(*made) + "\n", "application/json");
  as_download(response, file_name(id, "certificate.json"));
  keep_private(response, request);
  return response;
}

// Everything that belongs to the record, each act of the open log with its receipt, so that who opens the file needs nobody.
Response Portal::case_file(const Request& request) {
  const auto id = record_of(request);
  struct Sheet {
    RecordPaper paper;
    disclosure::Document document;
    Json certificate;
  };
  std::vector<Sheet> sheets;
  const auto within = [&](const auto& look) { in_archive(request, look); };
  const auto papers = disclosure::case_of(pack_, *reader(store::Sight::open), within, id);
  if (!papers) return refuse(papers.trouble(), request);
  if (papers->size() > 200)
    return refuse(base::refuse("CASE-01", "案卷文书过多，请分记录下载",
                               "too many papers for one file: take them record by record", id),
                  request);
  for (const auto& paper : *papers) sheets.push_back({paper, {}, {}});
  base::Status well = base::Done{};
  // One at a time, so that who bids meanwhile waits for one paper and not for the whole file: a paper says what was so as of
  // its act, so nothing that happens in between changes it.
  for (auto& sheet : sheets) {
    if (!well) break;
    in_archive(request, [&](Archive& archive, const Asking& asking) {
      well = [&]() -> base::Status {
        const auto& paper = sheet.paper;
        LG_TRY(sheet.document, archive.document(paper.record, paper.leaf, paper.name, asking));
        if (sheet.document.look == disclosure::Look::certificate) {
          LG_TRY(sheet.certificate, archive.certificate(paper.record, paper.leaf, asking));
        }
        return base::Done{};
      }();
    });
  }
  if (!well) return refuse(well.trouble(), request);
  if (sheets.empty()) return refuse(base::refuse("PAPER-08", "此记录没有文书", "this record has no papers", id), request);
  const auto zip = papers_->with_press([&](const disclosure::Press& press) -> Result<std::string> {
    disclosure::CaseFile file;
    const auto* in = pack_.current(id.substr(0, id.find('/')));
    file.title = in == nullptr ? base::Text{id, id} : in->title;
    file.title.zh += "案卷 " + id.substr(id.find('/') + 1);
    file.title.en = "Case file: " + file.title.en + " " + id.substr(id.find('/') + 1);
    file.origin = engine_.options().origin;
    file.marks = sheets.back().document.marks;
    file.marks.record = id;
    file.marks.code = disclosure::code_of_record(id);
    file.marks.qr = "";
    std::uint64_t receipt_of = ~std::uint64_t{0};
    for (auto& sheet : sheets) {
      const auto& paper = sheet.paper;
      const bool open = paper.tree == log::Tree::open;
      const auto leaf = open ? std::optional(paper.leaf) : std::nullopt;
      LG_TRY(auto pdf, press.pdf(sheet.document));
      file.papers.push_back({sheet.document.title, sheet.document.number, paper.as_of, "pdf", std::move(pdf), leaf});
      if (!open) continue;
      LG_TRY(auto receipt, best_receipt(paper.leaf));
      if (!sheet.certificate.is_null()) {
        sheet.certificate.as_object()["receipt"] = receipt;
        file.papers.push_back({{"证书文件", "Certificate file"},
                               sheet.document.number,
                               paper.as_of,
                               "json",
                               base::canonical(sheet.certificate) + "\n",
                               leaf});
      }
      if (paper.leaf == receipt_of) continue;
      receipt_of = paper.leaf;
      file.papers.push_back({{"回执 " + std::to_string(paper.leaf), "Receipt " + std::to_string(paper.leaf)},
                             "",
                             paper.as_of,
                             "json",
                             base::canonical(receipt) + "\n",
                             leaf});
    }
    return disclosure::write_case_file(press, file);
  });
  if (!zip) return refuse(zip.trouble(), request);
  auto response = text(200, *zip, "application/zip");
  as_download(response, file_name(id, "case.zip"));
  keep_private(response, request);
  return response;
}

// Receipts of what became of a record after a leaf: what a verifier asks the office for. Its silence is not proven by it.
Response Portal::later(const Request& request) {
  const auto id = record_of(request);
  const auto after = index_of(request.query.get("after"));
  std::vector<std::uint64_t> leaves;
  bool there = false;
  engine_.inspect([&](institution::Registry&, engine::Cache& cache) {
    const auto found = cache.find(id);
    if (!found || *found == nullptr || (*found)->tree != log::Tree::open) return;
    there = true;
    for (const auto leaf : (*found)->acts) {
      if (!after || leaf > *after) leaves.push_back(leaf);
    }
  });
  if (!there) return problem(base::Trouble(base::refuse("EN-01", "没有此记录", "no such record", id)), request);
  if (leaves.size() > 100) leaves.erase(leaves.begin(), leaves.end() - 100);
  JsonArray receipts;
  for (const auto leaf : leaves) {
    auto receipt = best_receipt(leaf);
    if (!receipt) return problem(receipt.trouble(), request);
    receipts.push_back(*std::move(receipt));
  }
  return json(200, Json(JsonObject{
                       {"record", id}, {"size", engine_.head(log::Tree::open)->size}, {"receipts", std::move(receipts)}}));
}

}  // namespace landglass::web
