#include "core/topics/nmf/nmf.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/base/atomic_file.h"
#include "core/base/fingerprint.h"
#include "core/io/json_access.h"

namespace driftscope::topics {
namespace {

using nlohmann::json;

SparseRows transpose(const SparseRows& x) {
    SparseRows out{x.columns, x.rows, std::vector<std::uint64_t>(x.columns + 1, 0), std::vector<std::uint32_t>(x.ids.size()), std::vector<double>(x.ids.size())};
    for (const std::uint32_t id : x.ids) ++out.offsets[id + 1];
    std::partial_sum(out.offsets.begin(), out.offsets.end(), out.offsets.begin());
    std::vector<std::uint64_t> next(out.offsets.begin(), out.offsets.end() - 1);
    for (std::size_t r = 0; r < x.rows; ++r)
        for (std::uint64_t i = x.offsets[r]; i < x.offsets[r + 1]; ++i) {
            const std::uint64_t at = next[x.ids[i]]++;
            out.ids[at] = static_cast<std::uint32_t>(r);
            out.values[at] = x.values[i];
        }
    return out;
}

std::vector<double> gramOf(const std::vector<double>& factor, std::size_t topics) {
    std::vector<double> gram(topics * topics, 0);
    for (std::size_t r = 0; r < factor.size() / topics; ++r) {
        const double* row = factor.data() + r * topics;
        for (std::size_t a = 0; a < topics; ++a) {
            if (row[a] == 0) continue;
            for (std::size_t b = 0; b < topics; ++b) gram[a * topics + b] += row[a] * row[b];
        }
    }
    return gram;
}

/// One pass over the entries of `own`, the other factor fixed. Returns the sum of the projected gradient's absolute values.
double descend(std::vector<double>& own, const SparseRows& x, const std::vector<double>& other, std::size_t topics) {
    const std::vector<double> gram = gramOf(other, topics), product = multiply(x, other, topics);
    double violation = 0;
    for (std::size_t r = 0; r < x.rows; ++r) {
        double* row = own.data() + r * topics;
        for (std::size_t t = 0; t < topics; ++t) {
            double gradient = -product[r * topics + t];
            for (std::size_t k = 0; k < topics; ++k) gradient += gram[t * topics + k] * row[k];
            violation += std::abs(row[t] == 0 ? std::min(0.0, gradient) : gradient);
            const double curvature = gram[t * topics + t];
            if (curvature > 0) row[t] = std::max(row[t] - gradient / curvature, 0.0);
        }
    }
    return violation;
}

std::string bytesOf(const std::vector<double>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)};
}

}  // namespace

SparseRows weightedCounts(const Corpus& corpus, bool tfidf) {
    SparseRows x{corpus.documents(), corpus.vocabulary.size(), {0}, {}, {}};
    const std::vector<std::uint64_t> frequencies = documentFrequencies(corpus);
    std::vector<std::uint32_t> words;
    for (std::size_t d = 0; d < corpus.documents(); ++d) {
        const auto document = corpus.document(d);
        words.assign(document.begin(), document.end());
        std::sort(words.begin(), words.end());
        double square = 0;
        for (std::size_t i = 0, j = 0; i < words.size(); i = j) {
            while (j < words.size() && words[j] == words[i]) ++j;
            double value = static_cast<double>(j - i);
            if (tfidf) value *= std::log((1.0 + static_cast<double>(corpus.documents())) / (1.0 + static_cast<double>(frequencies[words[i]]))) + 1;
            x.ids.push_back(words[i]);
            x.values.push_back(value);
            square += value * value;
        }
        if (tfidf && square > 0)
            for (std::size_t i = x.offsets.back(); i < x.values.size(); ++i) x.values[i] /= std::sqrt(square);
        x.offsets.push_back(x.ids.size());
    }
    return x;
}

std::vector<double> multiply(const SparseRows& x, const std::vector<double>& right, std::size_t width) {
    std::vector<double> out(x.rows * width, 0);
    for (std::size_t r = 0; r < x.rows; ++r) {
        double* to = out.data() + r * width;
        for (std::uint64_t i = x.offsets[r]; i < x.offsets[r + 1]; ++i) {
            const double* from = right.data() + x.ids[i] * width;
            for (std::size_t k = 0; k < width; ++k) to[k] += x.values[i] * from[k];
        }
    }
    return out;
}

Nmf::Nmf(SparseRows x, const NmfSettings& settings) : x_(std::move(x)), transposed_(transpose(x_)), settings_(settings) {}

Result<Nmf> Nmf::make(SparseRows x, const NmfSettings& settings) {
    Nmf made(std::move(x), settings);
    const std::size_t least = std::min(made.x_.rows, made.x_.columns);
    if (!settings.randomStart && settings.topics > least)
        return fail(ErrorCode::BadInput, fmt::format("NMF cannot start {} topics from the singular vectors of {} documents and {} words.", settings.topics, made.x_.rows, made.x_.columns), "Ask for fewer topics (k), or start at random with nmf_start=random.");
    if (!settings.randomStart) {
        DS_ASSIGN(auto start, nndsvd(made.x_, made.transposed_, settings.topics));
        made.w_ = std::move(start.first);
        made.h_ = std::move(start.second);
        return made;
    }
    const double mean = std::accumulate(made.x_.values.begin(), made.x_.values.end(), 0.0) / static_cast<double>(made.x_.rows * made.x_.columns);
    const double scale = 2 * std::sqrt(mean / static_cast<double>(settings.topics));
    made.w_.resize(made.x_.rows * settings.topics);
    made.h_.resize(made.x_.columns * settings.topics);
    for (std::size_t i = 0; i < made.w_.size(); ++i) made.w_[i] = scale * randomUnit(settings.seed, 1, i);
    for (std::size_t i = 0; i < made.h_.size(); ++i) made.h_[i] = scale * randomUnit(settings.seed, 2, i);
    return made;
}

bool Nmf::update() {
    if (converged_) return false;
    const double violation = descend(w_, x_, h_, settings_.topics) + descend(h_, transposed_, w_, settings_.topics);
    if (++iteration_ == 1) firstViolation_ = violation;
    converged_ = firstViolation_ == 0 || violation / firstViolation_ <= settings_.tolerance;
    return !converged_;
}

double Nmf::error() const {
    // ||X||^2 - 2 <X, WH> + <W'W, HH'>
    const std::size_t k = settings_.topics;
    const std::vector<double> product = multiply(x_, h_, k), ww = gramOf(w_, k), hh = gramOf(h_, k);
    const double square = std::inner_product(x_.values.begin(), x_.values.end(), x_.values.begin(), 0.0);
    return std::sqrt(std::max(0.0, square - 2 * std::inner_product(product.begin(), product.end(), w_.begin(), 0.0) + std::inner_product(ww.begin(), ww.end(), hh.begin(), 0.0)));
}

Result<void> Nmf::save(const std::filesystem::path& folder) const {
    DS_TRY(makeFolder(folder));
    DS_TRY(writeFileAtomically(folder / "nmf.bin", bytesOf(w_) + bytesOf(h_) + bytesOf({firstViolation_, static_cast<double>(iteration_), converged_ ? 1.0 : 0.0})));
    return {};
}

Result<void> Nmf::load(const std::filesystem::path& folder) {
    DS_ASSIGN(const std::string bytes, readFile(folder / "nmf.bin"));
    const std::size_t w = w_.size() * sizeof(double), h = h_.size() * sizeof(double);
    if (bytes.size() != w + h + 3 * sizeof(double)) return fail(ErrorCode::BadInput, fmt::format("The saved state in {} is damaged or of another corpus.", folder.string()), "Train again in a new folder.");
    double tail[3];
    std::memcpy(w_.data(), bytes.data(), w);
    std::memcpy(h_.data(), bytes.data() + w, h);
    std::memcpy(tail, bytes.data() + w + h, sizeof tail);
    firstViolation_ = tail[0];
    iteration_ = static_cast<std::int64_t>(tail[1]);
    converged_ = tail[2] != 0;
    return {};
}

}  // namespace driftscope::topics
