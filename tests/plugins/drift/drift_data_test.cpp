// What the Drift panel reads from run folders, on a small demo study.
#include <QTest>
#include <cmath>

#include "plugins/drift/cka_view.h"
#include "plugins/drift/inspected_run.h"
#include "plugins/drift/joint_map.h"
#include "plugins/drift/trend_view.h"
#include "tests/plugins/drift/fixture.h"

using namespace driftscope;
using namespace driftscope::drift;

namespace {

void damage(const QString& path, const QByteArray& from, const QByteArray& to) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QByteArray content = file.readAll();
    QVERIFY(content.contains(from));
    content.replace(content.indexOf(from), from.size(), to);
    file.resize(0);
    file.seek(0);
    file.write(content);
}

}  // namespace

class DriftDataTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void readsWhatATrainingRunMeasured() {
        const Fixture fixture;
        const auto run = InspectedRun::load(fixture.run("sft-p0.1-seed1"), {});
        QVERIFY2(run, run ? "" : run.error().text().c_str());
        QCOMPARE((*run)->steps(), (std::vector<std::int64_t>{0, 20, 40, 60}));
        QCOMPARE((*run)->table().points(), std::vector<std::string>{"attention_out"});
        QCOMPARE((*run)->table().layers("attention_out").size(), std::size_t{4});
        const auto drift = [&](std::int64_t step) { return (*run)->table().value(MetricId::Relative, "attention_out", 1, step); };
        QCOMPARE(drift(0), 0.0);
        QVERIFY(drift(60) > drift(20) && drift(20) > 0.01);
        QVERIFY(std::isnan((*run)->table().value(MetricId::Along, "attention_out", 1, 60)));
        QVERIFY(std::isnan(drift(7)));
        // The prompts it was judged on stand in for samples.
        QCOMPARE((*run)->samples().size(), std::size_t{15});
        QCOMPARE((*run)->samples().front().set, std::string("harmful"));
        const Answer* before = (*run)->answer(0, kBefore);
        QVERIFY(before && before->refused == true && before->harmful == false);
        QVERIFY((*run)->answer(0, 60) && (*run)->answer(0, 60)->text != before->text);
    }

    void readsAMeasurement() {
        const Fixture fixture;
        const auto loaded = DriftData::load(fixture.path("measure-sft"));
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
        const DriftData& data = **loaded;
        QCOMPARE(data.samples().size(), std::size_t{12});
        QCOMPARE(data.dimensions(), std::size_t{48});
        QCOMPARE(data.rows(), std::size_t{12 * 2 * 4 * 5});
        QCOMPARE(data.rowsOf("residual", 3, 60).size(), std::size_t{12});
        QVERIFY(data.rowsOf("mlp_out", 3, 60).empty());
        // The drift of a sample is what its two vectors say.
        const std::uint32_t before = data.rowsOf("residual", 2, kBefore)[5], after = data.rowsOf("residual", 2, 40)[5];
        QCOMPARE(data.row(after).sample, 5U);
        const Matrix vectors = data.vectors(std::vector<std::uint32_t>{after, before}).value();
        double difference = 0, norm = 0;
        for (std::size_t c = 0; c < vectors.columns; ++c) difference += std::pow(vectors(0, c) - vectors(1, c), 2), norm += std::pow(vectors(1, c), 2);
        QVERIFY(std::abs(data.drift(5, "residual", 2, 40) - std::sqrt(difference / norm)) < 1e-5);
        QCOMPARE(data.drift(5, "residual", 2, 0), 0.0);
        QVERIFY(std::isfinite(data.table().value(MetricId::Along, "residual", 2, 40)));
        const SampleLosses losses = data.losses(5, 40);
        QVERIFY(losses.before > 0 && losses.after > 0 && losses.kl > 0);
        QVERIFY(std::isnan(data.losses(5, 41).kl));
    }

    void keepsTokensUnderTheirText() {
        const Fixture fixture;
        const auto data = DriftData::load(fixture.path("measure-sft")).value();
        QVERIFY(data->tokens());
        QCOMPARE(data->tokens()->samples(), (std::vector<std::int64_t>{0, 1, 2, 3}));
        const std::vector<TokenRow> tokens = data->tokens()->tokens(1, 60);
        std::string text;
        for (const TokenRow& token : tokens) text += data->samples()[1].text.substr(static_cast<std::size_t>(token.begin), static_cast<std::size_t>(token.end - token.begin));
        QCOMPARE(text, data->samples()[1].text);
        QVERIFY(!tokens.front().response && tokens.back().response);
        QVERIFY(std::isnan(tokens.front().kl) && tokens.back().kl >= 0);
        const Matrix drift = data->tokens()->drift(1, 60, "attention_out");
        QCOMPARE(drift.rows, std::size_t{4});
        QCOMPARE(drift.columns, tokens.size());
        QVERIFY(data->tokens()->tokens(9, 60).empty());
        QCOMPARE(data->tokens()->drift(9, 60, "attention_out").columns, std::size_t{0});
    }

    void namesARunWhereverItLies() {
        const Fixture here, there;
        const auto name = [](const Fixture& fixture, const char* run) { return InspectedRun::load(fixture.run(run), {}).value()->dataset(); };
        QCOMPARE(name(here, "sft-p0.1-seed1"), name(there, "sft-p0.1-seed1"));
        QVERIFY(name(here, "sft-p0.1-seed1") != name(here, "sft-p0-seed1"));
        QVERIFY(name(here, "sft-p0.1-seed1") != name(here, "lisa-p0.1-seed1"));
    }

    void comparesLayersBeforeAndAfter() {
        const Fixture fixture;
        const auto data = DriftData::load(fixture.path("measure-sft")).value();
        const CkaMatrix still = ckaMatrix(*data, "residual", 0, {}).value();
        QCOMPARE(still.samples, std::size_t{12});
        QVERIFY(still.debiased);
        for (std::size_t layer = 0; layer < 4; ++layer) QVERIFY(std::abs(still.values[layer * 4 + layer] - 1) < 1e-9);
        const CkaMatrix moved = ckaMatrix(*data, "residual", 60, {}).value();
        for (std::size_t layer = 0; layer < 4; ++layer) {
            // The diagonal is what drift.csv says, computed by other code.
            const double wanted = data->table().value(MetricId::Cka, "residual", static_cast<std::int64_t>(layer), 60);
            QVERIFY2(std::abs(moved.values[layer * 4 + layer] - wanted) < 1e-4, qPrintable(QStringLiteral("%1 and %2").arg(moved.values[layer * 4 + layer]).arg(wanted)));
        }
        QVERIFY(!ckaMatrix(*data, "residual", 33, {}));
        const auto stopped = ckaMatrix(*data, "residual", 60, [] { return true; });
        QVERIFY(!stopped && stopped.error().code == ErrorCode::Cancelled);
    }

    void putsBeforeAndAfterOnOneMap() {
        const Fixture fixture;
        MapRequest request{{DriftData::load(fixture.path("measure-sft")).value(), DriftData::load(fixture.path("measure-lisa")).value()}, "residual", {3}, Projection::JointPca};
        const JointMap map = jointMap(request, {}).value();
        QCOMPARE(map.points.size(), std::size_t{2 * 12 * 5});
        QCOMPARE(map.trajectories.size(), std::size_t{24});
        QVERIFY(map.variance[0] >= map.variance[1] && map.variance[0] > 0);
        // Both runs begin as the same model, and a fresh adapter changes nothing.
        for (const std::uint32_t sample : {0U, 11U}) {
            const auto a = map.find(0, sample, 3, kBefore), b = map.find(1, sample, 3, kBefore), c = map.find(0, sample, 3, 0), d = map.find(0, sample, 3, 60);
            QVERIFY(a && b && c && d);
            QVERIFY(std::hypot(map.x[*a] - map.x[*b], map.y[*a] - map.y[*b]) < 1e-3F);
            QVERIFY(std::hypot(map.x[*a] - map.x[*c], map.y[*a] - map.y[*c]) < 1e-3F);
            QVERIFY(std::hypot(map.x[*a] - map.x[*d], map.y[*a] - map.y[*d]) > 1e-2F);
        }
        request.layers = {0, 1, 2, 3};
        request.projection = Projection::Umap;
        const auto umap = jointMap(request, {});
        QVERIFY2(umap, umap ? "" : umap.error().text().c_str());
        QCOMPARE(umap->points.size(), std::size_t{4 * 2 * 12 * 5});
        request.layers = {17};
        QVERIFY(!jointMap(request, {}));
    }

    void saysWhatIsWrongWithAFile() {
        const Fixture fixture;
        const auto complaint = [&] { return QString::fromStdString(DriftData::load(fixture.path("measure-sft")).error().text()); };
        QVERIFY(QString::fromStdString(DriftData::load(fixture.path("demo")).error().text()).contains(QLatin1String("drift.csv")));
        damage(fixture.path("measure-sft/drift.csv"), "attention_out,1", "attention_out,one");
        QVERIFY2(complaint().contains(QLatin1String("drift.csv line")), qPrintable(complaint()));
        damage(fixture.path("measure-sft/drift.csv"), "attention_out,one", "attention_out,1");
        damage(fixture.path("measure-sft/losses.csv"), "\n11,60,", "\n77,60,");
        QVERIFY2(complaint().contains(QLatin1String("losses.csv line")), qPrintable(complaint()));
        damage(fixture.path("measure-sft/losses.csv"), "\n77,60,", "\n11,60,");
        damage(fixture.path("measure-sft/samples.jsonl"), "{", "[");
        QVERIFY2(complaint().contains(QLatin1String("samples.jsonl")), qPrintable(complaint()));
        damage(fixture.path("demo/finetune/sft-p0.1-seed1/answers/step-0000020.jsonl"), "\"answer\"", "\"nothing\"");
        const auto run = InspectedRun::load(fixture.run("sft-p0.1-seed1"), {});
        QVERIFY(!run && run.error().text().find("step-0000020.jsonl line 1") != std::string::npos);
    }

    void spreadsOverSeeds() {
        const Spread spread = spreadOf({3, 1, 2});
        QCOMPARE(spread.low, 1.0);
        QCOMPARE(spread.mean, 2.0);
        QCOMPARE(spread.high, 3.0);
    }
};

QTEST_GUILESS_MAIN(DriftDataTest)
#include "drift_data_test.moc"
