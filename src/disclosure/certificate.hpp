#pragma once
// The certificate as its file (JSON, docs/formats/certificate.md) and as its sheet (PDF). What either says is taken from the
// issuing leaf, so that a certificate cannot be made that says something else.

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "disclosure/pdf.hpp"
#include "disclosure/template.hpp"
#include "log/leaf.hpp"

namespace landglass::disclosure {

struct CertificateSource {
  log::Leaf leaf;                   // that issued it
  std::string record;               // "certificate/350112-2019-000012"; of the leaf's change or one of its effects
  std::vector<std::string> fields;  // public fields to show, of `set` or `outcome`; "code" always stands
  base::JsonArray openings;         // {path, salt, value} to hand over; may be empty
  base::Json receipt;               // docs/formats/receipt.md, or null
};

// Refuses CERT-02 a record that the leaf is not about, CERT-03 a field that the leaf does not have.
base::Result<base::Json> certificate_json(const CertificateSource& source);

// 现势: how a right stands, from the state of its record ("in_force"). Mortgage and seizure only where that state has them
// ("in_force|mortgage:none|seal:none"): of what it keeps silent the sheet says nothing either.
std::vector<Standing> standings_of(std::string_view state);

// `fields` fill the template, formatted; number, QR and foot are those of the file.
base::Result<std::string> certificate_pdf(const Press& press, const Template& paper, const base::Json& fields,
                                          const CertificateSource& source, bool demonstration);
// The same as a document, for the page in a browser.
base::Result<Document> certificate_document(const Template& paper, const base::Json& fields, const CertificateSource& source,
                                            bool demonstration);

}  // namespace landglass::disclosure
