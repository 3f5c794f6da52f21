#include <QPalette>
#include <QTest>
#include <set>

#include "widgets/style/palette.h"

using namespace driftscope;

class PaletteTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void longListsExtendShortOnes() {
        const auto ten = style::categorical(10);
        const auto hundred = style::categorical(100);
        QCOMPARE(ten.size(), std::size_t{10});
        QVERIFY(std::equal(ten.begin(), ten.end(), hundred.begin()));
        QCOMPARE(ten.front(), QColor(0x00, 0x72, 0xB2));  // Okabe and Ito's blue
        std::set<QRgb> distinct;
        for (const QColor& colour : hundred) distinct.insert(colour.rgb());
        QCOMPARE(distinct.size(), std::size_t{100});
    }

    void viridisHasItsPublishedEnds() {
        QCOMPARE(style::viridis().front(), 0xFF440154U);
        QCOMPARE(style::viridis().back(), 0xFFFDE725U);
        QCOMPARE(style::viridisAt(-3), QColor::fromRgb(0xFF440154U));
        QCOMPARE(style::viridisAt(0.5).rgb(), 0xFF21918CU);
    }

    void subtleTextStaysLegible() {
        QPalette dark;
        dark.setColor(QPalette::Window, QColor(0x1e, 0x1e, 0x1e));
        dark.setColor(QPalette::WindowText, Qt::white);
        dark.setColor(QPalette::Base, QColor(0x14, 0x14, 0x14));
        dark.setColor(QPalette::Text, QColor(0xee, 0xee, 0xee));
        QVERIFY(style::isDark(dark));
        QPalette light;
        light.setColor(QPalette::Window, Qt::white);
        light.setColor(QPalette::WindowText, Qt::black);
        QVERIFY(!style::isDark(light));
        QVERIFY(contrast(style::subtleText(dark), dark.color(QPalette::Base)) >= 4.5);
        QVERIFY(contrast(style::subtleText(light), light.color(QPalette::Base)) >= 4.5);
    }

  private:
    /// WCAG contrast ratio.
    static double contrast(const QColor& a, const QColor& b) {
        const auto channel = [](double c) { return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
        const auto luminance = [&](const QColor& c) {
            return 0.2126 * channel(c.redF()) + 0.7152 * channel(c.greenF()) + 0.0722 * channel(c.blueF());
        };
        const double p = luminance(a) + 0.05, q = luminance(b) + 0.05;
        return std::max(p, q) / std::min(p, q);
    }
};

QTEST_GUILESS_MAIN(PaletteTest)
#include "palette_test.moc"
