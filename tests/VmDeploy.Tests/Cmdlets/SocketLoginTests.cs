using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>-ViaSsh without -Credential.</summary>
public sealed class SocketLoginTests
{
    [Fact]
    public async Task ESXi_refuses_it_before_anything_is_sent()
    {
        using var engine = Engine.Start();
        (await engine.RunAsync("Connect-Esxi -ViaSsh root@nowhere.invalid")).Error("CredentialRequired");
    }

    [Fact]
    public async Task A_direct_connection_has_a_mandatory_credential() =>
        Assert.True(await IsMandatoryAsync());

    private static async Task<bool> IsMandatoryAsync()
    {
        using var engine = Engine.Start();
        return (await engine.MustRunAsync("(Get-Command Connect-Xapi).Parameters['Credential'].ParameterSets['Direct'].IsMandatory")).Single<bool>();
    }
}
