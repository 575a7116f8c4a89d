using System.Security.Cryptography;
using VmDeploy.PowerShell;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Packages on web servers and in archives at a prompt.</summary>
public sealed class PackageUriTests : IAsyncLifetime
{
    private static readonly byte[] s_ova = new OvaBuilder().ToOva();

    private readonly Engine _engine = Engine.Start();
    private PackageServer _server = null!;
    private EsxiSimulator _simulator = null!;

    public async Task InitializeAsync()
    {
        _server = await PackageServer.StartAsync();
        _simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(_simulator);
        _engine["uri"] = _server.Add("vm.ova", s_ova).Path;
        _engine["plain"] = _server.Http + "vm.ova";
        _engine["thumbprint"] = _server.Thumbprint;
        _engine["hash"] = "SHA256:" + Convert.ToHexString(SHA256.HashData(s_ova));
        _engine["login"] = Engine.Credential("jo", "secret");
        _engine["wrong"] = Engine.Credential("jo", "wrong");
    }

    public async Task DisposeAsync()
    {
        _engine.Dispose();
        await _simulator.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task The_keys_of_a_file_bind()
    {
        _server.Login = "jo:secret";
        await _engine.MustRunAsync("""
            $job = [pscustomobject]@{ uri = $uri; uri_credential = $login; file_hash = $hash; uri_thumbprint = $thumbprint; num_instances = 2; vm_name_prefix = 'u'; datastore = 'datastore1' }
            """);
        var shown = await _engine.MustRunAsync("$job | Import-VmOva -WhatIf");
        Assert.Empty(_simulator.Vms);
        Assert.Contains("Import vm.ova as u2: 1 vCPU, 64 MB", shown.HostText);
        var run = await _engine.MustRunAsync("$job | Import-VmOva -StrictKeys");
        Assert.Empty(run.Warnings);
        Assert.Equal(["u1", "u2"], _simulator.Vms.Select(vm => vm.Name).Order());
    }

    [Fact]
    public async Task Get_VmOva_reads_an_address_as_it_reads_a_file()
    {
        var summary = (await _engine.MustRunAsync("Get-VmOva $uri -UriThumbprint $thumbprint -Verify")).Single<OvaSummary>();
        Assert.Equal(("test-vm", nameof(OvaIntegrity.Intact), _engine["uri"]), (summary.PackageName, summary.Integrity, summary.Path));
    }

    [Fact]
    public async Task What_goes_unprotected_through_the_network_is_warned_of()
    {
        var run = await _engine.MustRunAsync("Import-VmOva $plain -UriCredential $login -Datastore datastore1 -WhatIf");
        Assert.Equal(2, run.Warnings.Count);
        Assert.Contains("-FileHash", run.Warnings[0]);
        Assert.Contains("unencrypted", run.Warnings[1]);
        Assert.Empty((await _engine.MustRunAsync("Import-VmOva $plain -FileHash $hash -Datastore datastore1 -WhatIf")).Warnings);

        // The hash of a descriptor protects no disk.
        foreach (var (name, content) in new OvaBuilder().Entries())
            _server.Add("folder/" + name, content);
        _engine["folder"] = _server.Http + "folder/test-vm.ovf";
        _engine["descriptor"] = "SHA256:" + Convert.ToHexString(SHA256.HashData(new OvaBuilder().Entries()[0].Content));
        Assert.Contains("only the descriptor", Assert.Single((await _engine.MustRunAsync("Import-VmOva $folder -FileHash $descriptor -Datastore datastore1 -WhatIf")).Warnings));

        // What has no effect is said.
        Assert.Contains("-UriThumbprint is ignored", (await _engine.MustRunAsync("Get-VmOva $plain -FileHash $hash -UriThumbprint $thumbprint")).Warnings.Single());
    }

    [Theory]
    [InlineData("Import-VmOva $uri -Datastore datastore1", "CertificateNotTrusted", "-UriThumbprint")]
    [InlineData("Import-VmOva $plain -FileHash SHA256:12 -Datastore datastore1", "FileHashInvalid", "SHA256:")]
    [InlineData("Import-VmOva $plain -FileHash ($hash -replace '..$', '00') -Datastore datastore1", "FileHashMismatch", "publisher")]
    [InlineData("Import-VmOva ($plain -replace 'vm', 'no') -Datastore datastore1", "UriNotFound", "address")]
    [InlineData("Import-VmOva ($plain -replace '//', '//jo:secret@') -Datastore datastore1", "UriInvalid", "-UriCredential")]
    [InlineData("Get-VmOva $uri -UriThumbprint 12", "CertificateThumbprintInvalid", "")]
    public async Task Errors_have_ids_and_advice(string command, string id, string advice)
    {
        var error = (await _engine.RunAsync(command)).Error(id);
        Assert.Contains(advice, error.ErrorDetails.RecommendedAction);
        Assert.DoesNotContain("secret", error.ToString());
        Assert.Empty(_simulator.Vms);
    }

    [Fact]
    public async Task A_login_is_never_asked_for()
    {
        _server.Login = "jo:secret";
        (await _engine.RunAsync("Import-VmOva $plain -UriCredential $wrong -Datastore datastore1")).Error("UriAccessDenied");
        (await _engine.RunAsync("[pscustomobject]@{ uri = $plain; uri_credential = $null } | Import-VmOva -Datastore datastore1")).Error("UriAccessDenied");
        var run = await _engine.RunAsync("[pscustomobject]@{ uri = $plain; uri_credential = 'jo' } | Import-VmOva -Datastore datastore1");
        Assert.Contains("A PSCredential is required", Assert.Single(run.Errors).Exception.Message);
    }

    [SkippableFact]
    public async Task An_archive_is_taken_as_a_file()
    {
        using var folder = new TempFolder();
        _engine["zip"] = Archives.Pack(folder, "vm.zip", new OvaBuilder());
        Assert.Equal("test-vm", (await _engine.MustRunAsync("Get-VmOva $zip")).Single<OvaSummary>().PackageName);
        await _engine.MustRunAsync("Import-VmOva $zip -Name zipped -Datastore datastore1");
        Assert.Equal("zipped", Assert.Single(_simulator.Vms).Name);
    }
}
