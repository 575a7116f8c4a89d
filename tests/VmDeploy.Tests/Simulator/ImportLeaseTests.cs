using System.Net;
using System.Net.Http.Headers;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Simulator;

/// <summary>Import specs, leases and their uploads.</summary>
public sealed class ImportLeaseTests : IAsyncLifetime, IDisposable
{
    private static readonly XNamespace s_vim = RawSoap.Vim;

    private readonly HttpClient _http = new(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true });
    private readonly byte[] _disk = StreamVmdk.Sample(7, grains: 40);
    private EsxiSimulator _host = null!;
    private RawSoap _soap = null!;

    public Task InitializeAsync() => StartAsync(new());

    public async Task DisposeAsync()
    {
        _soap.Dispose();
        await _host.DisposeAsync();
    }

    public void Dispose() => _http.Dispose();

    private async Task StartAsync(EsxiSimulatorOptions options)
    {
        if (_host is not null)
        {
            _soap.Dispose();
            await _host.DisposeAsync();
        }
        _host = await EsxiSimulator.StartAsync(options);
        _soap = await RawSoap.LoginAsync(_host);
    }

    [Fact]
    public async Task What_was_sent_is_kept_and_served_back()
    {
        var lease = await OpenAsync("a");
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(lease.Url, _disk)).StatusCode);
        await lease.CallAsync("HttpNfcLeaseComplete");

        var vm = Assert.Single(_host.Vms);
        Assert.Equal(_disk, await File.ReadAllBytesAsync(vm.Disks[0].LocalPath));
        Assert.Equal("done", (await _soap.ReadAsync("HttpNfcLease", lease.Id, "state"))["state"].Value);
        await _soap.SucceedAsync(VmXml.Call("PowerOnVM_Task", vm.Id));

        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_host.HttpUrl}folder/a/a.vmdk?dcPath=ha-datacenter&dsName=datastore1");
        request.Headers.Add("Cookie", _soap.Cookie);
        Assert.Equal(_disk, await (await _http.SendAsync(request)).Content.ReadAsByteArrayAsync());
        Assert.Equal(_disk.Length, _host.BytesUploaded);
    }

    [Fact]
    public async Task The_manifest_tells_what_arrived()
    {
        var lease = await OpenAsync("a");
        await PostAsync(lease.Url, _disk);
        var entry = (await lease.CallAsync("HttpNfcLeaseGetManifest")).Element(s_vim + "returnval")!;
        Assert.Equal(Convert.ToHexStringLower(CryptographicOperations.HashData(HashAlgorithmName.SHA1, _disk)), entry.Element(s_vim + "sha1")!.Value);
        Assert.Equal($"{_disk.Length}", entry.Element(s_vim + "size")!.Value);
    }

    [Fact]
    public async Task A_lease_url_has_an_asterisk_on_a_host_and_an_address_and_thumbprint_on_vCenter()
    {
        var info = (await OpenAsync("a")).Info;
        Assert.StartsWith("https://*/ha-nfc/", info.Descendants(s_vim + "url").Single().Value);
        Assert.Equal("", info.Descendants(s_vim + "sslThumbprint").Single().Value);

        await StartAsync(new() { Mode = EsxiMode.VCenter });
        var lease = await OpenAsync("a");
        var url = new Uri(lease.Info.Descendants(s_vim + "url").Single().Value);
        Assert.NotEqual(_host.HttpsPort, url.Port);
        var seen = "";
        using var http = new HttpClient(new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, certificate, _, _) => (seen = certificate!.GetCertHashString()) is not null,
        });
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(url, _disk, http: http)).StatusCode);
        Assert.Equal(lease.Info.Descendants(s_vim + "sslThumbprint").Single().Value.Replace(":", ""), seen);
    }

    [Fact]
    public async Task Abort_takes_everything_away()
    {
        var lease = await OpenAsync("a");
        await PostAsync(lease.Url, _disk);
        await lease.CallAsync("HttpNfcLeaseAbort");
        Assert.Empty(_host.Vms);
        Assert.Empty(_host.DatastoreFiles());
        Assert.False(Directory.Exists(_host.LocalPath("[datastore1] a")));
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(lease.Url, _disk)).StatusCode);
        Assert.Equal("InvalidState", (await Assert.ThrowsAsync<RawFault>(() => lease.CallAsync("HttpNfcLeaseComplete"))).Type);
    }

    [Fact]
    public async Task A_lease_that_nobody_renews_dies_with_its_vm()
    {
        await StartAsync(new() { LeaseTimeout = TimeSpan.FromSeconds(1) });
        var lease = await OpenAsync("a");
        Assert.Equal("1", lease.Info.Descendants(s_vim + "leaseTimeout").Single().Value);
        await _soap.WaitAsync("HttpNfcLease", lease.Id, "state", "error");
        var error = (await _soap.ReadAsync("HttpNfcLease", lease.Id, "error"))["error"];
        Assert.Equal("Timedout", RawSoap.TypeOf(error.Element(s_vim + "fault")!));
        Assert.Empty(_host.Vms);
        Assert.Empty(_host.DatastoreFiles());
        Assert.Equal(0, _host.OpenLeases);
    }

    [Fact]
    public async Task A_lease_whose_files_are_gone_dies_all_the_same()
    {
        await StartAsync(new() { LeaseTimeout = TimeSpan.FromSeconds(1) });
        var lease = await OpenAsync("a");
        Directory.Delete(_host.LocalPath("[datastore1] a"), recursive: true);
        await _soap.WaitAsync("HttpNfcLease", lease.Id, "state", "error");
        Assert.Empty(_host.Vms);
    }

    [Fact]
    public async Task Progress_keeps_a_lease_alive_even_unchanged()
    {
        await StartAsync(new() { LeaseTimeout = TimeSpan.FromSeconds(2) });
        var lease = await OpenAsync("a");
        for (var i = 0; i < 6; i++)
        {
            await Task.Delay(500);
            await lease.CallAsync("HttpNfcLeaseProgress", "<percent>10</percent>");
        }
        await lease.CallAsync("HttpNfcLeaseComplete");
        Assert.Single(_host.Vms);
    }

    [Fact]
    public async Task While_it_is_imported_a_vm_is_blocked()
    {
        var lease = await OpenAsync("a");
        var vm = _host.Vms.Single().Id;
        foreach (var method in new[] { "PowerOnVM_Task", "Destroy_Task", "UnregisterVM" })
            Assert.Equal("InvalidState", (await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync(VmXml.Call(method, vm)))).Type);
        await lease.CallAsync("HttpNfcLeaseComplete");
        await _soap.SucceedAsync(VmXml.Call("Destroy_Task", vm));
        Assert.Empty(_host.DatastoreFiles());
    }

    [Fact]
    public async Task A_disk_is_posted_with_its_type_and_length_and_nothing_else()
    {
        var lease = await OpenAsync("a");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await PostAsync(lease.Url, _disk, method: HttpMethod.Put)).StatusCode);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PostAsync(lease.Url, _disk, type: "application/octet-stream")).StatusCode);
        _host.Faults.RequiresLength = true;
        Assert.Equal(HttpStatusCode.LengthRequired, (await PostAsync(lease.Url, _disk, chunked: true)).StatusCode);
        _host.Faults.RequiresLength = false;
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(new(lease.Url, "disk-1.vmdk"), _disk)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(lease.Url, _disk)).StatusCode);
    }

    [Fact]
    public async Task Other_files_are_put()
    {
        var ovf = new OvaBuilder
        {
            Name = "a",
            OtherFiles = [("a.nvram", "settings"u8.ToArray())],
            HardwareExtras = "<vmw:ExtraConfig vmw:key=\"nvram\" vmw:value=\"ovf:/file/other1\"/>",
        };
        var lease = await OpenAsync("a", ovf);
        var url = new Uri(lease.Url, "nvram");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await PostAsync(url, "settings"u8.ToArray())).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(url, "settings"u8.ToArray(), method: HttpMethod.Put, type: "application/octet-stream")).StatusCode);
        await lease.CallAsync("HttpNfcLeaseComplete");
        Assert.Equal("settings", await File.ReadAllTextAsync(_host.LocalPath("[datastore1] a/a.nvram")));
        await _soap.SucceedAsync(VmXml.Call("Destroy_Task", _host.Vms.Single().Id));
        Assert.Empty(_host.DatastoreFiles());
    }

    [Theory]
    [InlineData("not a disk at all, but long enough")]
    [InlineData("KDMV a sparse disk that is not stream-optimized")]
    public async Task What_is_no_stream_optimized_disk_is_refused(string begin)
    {
        var lease = await OpenAsync("a");
        var bytes = new byte[2048];
        Encoding.ASCII.GetBytes(begin).CopyTo(bytes, 0);
        bytes.AsSpan(4, 12).Clear();
        using var reply = await PostAsync(lease.Url, bytes);
        Assert.Equal(HttpStatusCode.InternalServerError, reply.StatusCode);
        Assert.Contains("invalid sparse VMDK header", await reply.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_cut_upload_can_be_sent_again()
    {
        var lease = await OpenAsync("a");
        _host.Faults.CutUpload(100_000);
        await Assert.ThrowsAsync<HttpRequestException>(() => PostAsync(lease.Url, _disk));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(lease.Url, _disk)).StatusCode);
        await lease.CallAsync("HttpNfcLeaseComplete");
        Assert.Equal(_disk, await File.ReadAllBytesAsync(_host.Vms[0].Disks[0].LocalPath));
    }

    [Fact]
    public async Task A_full_datastore_ends_the_lease()
    {
        var lease = await OpenAsync("a");
        _host.Faults.FillDatastore(100_000);
        // The answer may be lost, because the body is not read to its end.
        try
        {
            Assert.Equal(HttpStatusCode.InternalServerError, (await PostAsync(lease.Url, _disk)).StatusCode);
        }
        catch (HttpRequestException)
        {
        }
        await _soap.WaitAsync("HttpNfcLease", lease.Id, "state", "error");
        Assert.Equal("NoDiskSpace", RawSoap.TypeOf((await _soap.ReadAsync("HttpNfcLease", lease.Id, "error"))["error"].Element(s_vim + "fault")!));
        Assert.Empty(_host.DatastoreFiles());
    }

    [Fact]
    public async Task A_name_that_exists_fails_the_lease_with_the_name()
    {
        await (await OpenAsync("a")).CallAsync("HttpNfcLeaseComplete");
        var id = await ImportAsync(new OvaBuilder { Name = "a" }, "a");
        await _soap.WaitAsync("HttpNfcLease", id, "state", "error");
        var fault = (await _soap.ReadAsync("HttpNfcLease", id, "error"))["error"].Element(s_vim + "fault")!;
        Assert.Equal(("DuplicateName", "a"), (RawSoap.TypeOf(fault), fault.Element(s_vim + "name")!.Value));
        Assert.Single(_host.Vms);
    }

    [Theory]
    [InlineData("thin", true)]
    [InlineData("thick", false)]
    public async Task Provisioning_is_honoured(string provisioning, bool isThin)
    {
        var id = await ImportAsync(new OvaBuilder { Name = "a" }, "a", provisioning);
        await _soap.WaitAsync("HttpNfcLease", id, "state", "ready");
        Assert.Equal(isThin, _host.Vms.Single().Disks.Single().ThinProvisioned);
    }

    [Theory]
    [InlineData("OvfXmlFormat", "<!DOCTYPE a><a/>")]
    [InlineData("OvfWrongNamespace", "<Envelope/>")]
    [InlineData("OvfMissingElement", "<Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\"/>")]
    public async Task What_is_no_descriptor_is_an_error_of_the_spec(string fault, string descriptor) =>
        Assert.Equal(fault, RawSoap.TypeOf((await SpecifyAsync(descriptor, "a")).Elements(s_vim + "error").First().Element(s_vim + "fault")!));

    [Fact]
    public async Task Unknown_settings_sections_networks_and_hardware_are_errors()
    {
        var ovf = new OvaBuilder
        {
            Networks = ["somewhere"],
            HardwareExtras = "<vmw:ExtraConfig vmw:key=\"isolation.tools\" vmw:value=\"x\"/>" + OvaBuilder.Item(90, 31, "A thing"),
            EnvelopeSections = "<x:Odd xmlns:x=\"urn:x\" ovf:required=\"true\"><Info>odd</Info></x:Odd>",
            EditDescriptor = text => text.Replace("vmx-10", "vmx-99"),
        };
        var faults = (await SpecifyAsync(Descriptor(ovf), "a")).Elements(s_vim + "error").Select(e => RawSoap.TypeOf(e.Element(s_vim + "fault")!)!).Order();
        Assert.Equal(["OvfMissingHardware", "OvfNoSupportedHardwareFamily", "OvfUnsupportedAttributeValue", "OvfUnsupportedSection", "OvfUnsupportedType"], faults);
    }

    private static string Descriptor(OvaBuilder ovf) =>
        Encoding.UTF8.GetString(ovf.Entries().Single(e => e.Name.EndsWith(".ovf", StringComparison.Ordinal)).Content);

    private async Task<XElement> SpecifyAsync(string descriptor, string name, string? provisioning = null)
    {
        var center = _host.Options.Mode == EsxiMode.VCenter;
        var store = await FindAsync("ha-datacenter/datastore/datastore1");
        return (await _soap.CallAsync($"<CreateImportSpec><_this type=\"OvfManager\">{(center ? "OvfManager" : "ha-ovf-manager")}</_this>"
            + $"<ovfDescriptor>{SecurityElement.Escape(descriptor)}</ovfDescriptor>{Tag("resourcePool", await PoolAsync())}{Tag("datastore", store)}"
            + $"<cisp><locale/><deploymentOption/><entityName>{name}</entityName>"
            + (provisioning is null ? "" : $"<diskProvisioning>{provisioning}</diskProvisioning>")
            + "</cisp></CreateImportSpec>")).Element(s_vim + "returnval")!;
    }

    private Task<XElement> FindAsync(string path) => FindAsync(_host.Options.Mode == EsxiMode.VCenter ? "SearchIndex" : "ha-searchindex", path);

    private async Task<XElement> FindAsync(string index, string path) => (await _soap.CallAsync(
        $"<FindByInventoryPath><_this type=\"SearchIndex\">{index}</_this><inventoryPath>{path}</inventoryPath></FindByInventoryPath>")).Element(s_vim + "returnval")!;

    private Task<XElement> PoolAsync() => FindAsync(
        $"ha-datacenter/host/{(_host.Options.Mode == EsxiMode.VCenter ? "cluster1" : "localhost.localdomain")}/Resources");

    private static string Tag(string name, XElement reference) => $"<{name} type=\"{(string)reference.Attribute("type")!}\">{reference.Value}</{name}>";

    private async Task<string> ImportAsync(OvaBuilder ovf, string name, string? provisioning = null)
    {
        var result = await SpecifyAsync(Descriptor(ovf), name, provisioning);
        Assert.Empty(result.Elements(s_vim + "error"));
        var spec = result.Element(s_vim + "importSpec")!;
        spec.Name = s_vim + "spec";
        var pool = await PoolAsync();
        return (await _soap.CallAsync($"<ImportVApp>{Tag("_this", pool)}{spec}{Tag("folder", await FindAsync("ha-datacenter/vm"))}</ImportVApp>")).Value;
    }

    private async Task<OpenLease> OpenAsync(string name, OvaBuilder? ovf = null)
    {
        var id = await ImportAsync(ovf ?? new OvaBuilder { Name = name }, name);
        Assert.Equal("ready", await _soap.WaitAsync("HttpNfcLease", id, "state", "ready", "error"));
        var info = (await _soap.ReadAsync("HttpNfcLease", id, "info"))["info"];
        var url = info.Descendants(s_vim + "url").First().Value.Replace("https://*/", _host.HttpUrl.ToString());
        return new(_soap, id, info, new(url));
    }

    private async Task<HttpResponseMessage> PostAsync(
        Uri url, byte[] bytes, HttpMethod? method = null, string type = "application/x-vnd.vmware-streamVmdk", bool chunked = false, HttpClient? http = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, url) { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        request.Headers.TransferEncodingChunked = chunked;
        return await (http ?? _http).SendAsync(request);
    }

    private sealed record OpenLease(RawSoap Soap, string Id, XElement Info, Uri Url)
    {
        public Task<XElement> CallAsync(string method, string arguments = "") =>
            Soap.CallAsync($"<{method}><_this type=\"HttpNfcLease\">{Id}</_this>{arguments}</{method}>");
    }
}
