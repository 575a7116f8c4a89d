using System.Globalization;
using Xunit;

namespace VmDeploy.Tests.Replies;

public sealed class SizeTextTests
{
    [Fact]
    public void Sizes_are_the_same_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = comma;
            Assert.Equal(["512 B", "1.5 KB", "20 GB"], [SizeText.Format(512), SizeText.Format(1536), SizeText.Format(20L << 30)]);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
