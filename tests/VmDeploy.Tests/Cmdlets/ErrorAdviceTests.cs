using System.Reflection;
using VmDeploy.PowerShell;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Every error has advice.</summary>
public sealed class ErrorAdviceTests
{
    public static TheoryData<string> Codes => [.. typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(code => code.Name)];

    public static TheoryData<ErrorHint> Hints => [.. Enum.GetValues<ErrorHint>()];

    [Theory]
    [MemberData(nameof(Codes))]
    public void Every_code_has_advice_and_is_called_as_its_field(string name)
    {
        var code = Assert.IsType<ErrorCode>(typeof(ErrorCodes).GetField(name)!.GetValue(null));
        Assert.Equal(name, code.Id);
        AssertAdvice(ErrorAdvice.For(code));
    }

    [Theory]
    [MemberData(nameof(Hints))]
    public void Every_hint_has_advice(ErrorHint hint) => AssertAdvice(ErrorAdvice.For(hint));

    [Fact]
    public void A_hint_is_more_precise_than_its_code()
    {
        var plain = new VmDeployException(ErrorCodes.ConnectionLost, "x");
        var hinted = new VmDeployException(ErrorCodes.ConnectionLost, "x", hint: ErrorHint.PortMayExpectTls);
        Assert.Equal(ErrorAdvice.For(ErrorCodes.ConnectionLost), ErrorAdvice.For(plain));
        Assert.Equal(ErrorAdvice.For(ErrorHint.PortMayExpectTls), ErrorAdvice.For(hinted));
    }

    private static void AssertAdvice(string advice) => Assert.Matches(@"^[A-Z'].{15,}\.$", advice);
}
