using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Xml.Linq;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Simulator;

public sealed class DatastoreTests : IAsyncLifetime, IDisposable
{
    private const string Manager = "<_this type=\"FileManager\">ha-nfc-file-manager</_this>";
    private const string Disks = "<_this type=\"VirtualDiskManager\">ha-vdiskmanager</_this>";

    private readonly HttpClient _http = new(new HttpClientHandler { UseCookies = false });
    private EsxiSimulator _host = null!;
    private RawSoap _soap = null!;

    public async Task InitializeAsync()
    {
        _host = await EsxiSimulator.StartAsync();
        _soap = await RawSoap.LoginAsync(_host);
    }

    public async Task DisposeAsync()
    {
        _soap.Dispose();
        await _host.DisposeAsync();
    }

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Files_go_up_and_come_back_by_cookie_or_password()
    {
        var content = StreamVmdk.Sample();
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(HttpMethod.Put, "a.bin", content, login: null)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(HttpMethod.Put, "a.bin", content)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Put, "a.bin", content)).StatusCode);
        Assert.Equal(content, await File.ReadAllBytesAsync(_host.LocalPath("[datastore1] a.bin")));

        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(HttpMethod.Get, "a.bin", login: null)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(HttpMethod.Get, "a.bin", login: "Basic cm9vdDpubw==")).StatusCode);
        var basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_host.UserName}:{_host.Password}"));
        Assert.Equal(content, await (await SendAsync(HttpMethod.Get, "a.bin", login: basic)).Content.ReadAsByteArrayAsync());
        Assert.Equal(content.Length, (await SendAsync(HttpMethod.Head, "a.bin")).Content.Headers.ContentLength);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(HttpMethod.Delete, "a.bin")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, "a.bin")).StatusCode);
    }

    [Theory]
    [InlineData("nowhere/a.bin", "dcPath=ha-datacenter&dsName=datastore1")]
    [InlineData("a.bin", "dcPath=ha-datacenter&dsName=other")]
    [InlineData("a.bin", "dcPath=other&dsName=datastore1")]
    [InlineData("..%2fa.bin", "dcPath=ha-datacenter&dsName=datastore1")]
    public async Task A_place_that_is_not_there_takes_nothing(string path, string query)
    {
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Put, path, [1, 2, 3], query: query)).StatusCode);
        Assert.Empty(_host.DatastoreFiles());
    }

    [Theory]
    [InlineData("dcPath=/ha-datacenter&dsName=datastore1")]
    [InlineData("dsName=datastore1")]
    public async Task The_datacenter_may_begin_with_a_slash_and_may_be_left_out_on_a_host(string query)
    {
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(HttpMethod.Put, "a.bin", [1, 2, 3], query: query)).StatusCode);
        Assert.Equal(["[datastore1] a.bin"], _host.DatastoreFiles());
    }

    [Fact]
    public async Task A_length_is_demanded() =>
        Assert.Equal(HttpStatusCode.LengthRequired, (await SendAsync(HttpMethod.Put, "a.bin", [1, 2, 3], chunked: true)).StatusCode);

    [Fact]
    public async Task Folders_are_made_and_removed()
    {
        string Make(string name, string parents = "") => $"<MakeDirectory>{Manager}<name>[datastore1] {name}</name>{parents}</MakeDirectory>";
        Assert.Equal("FileNotFound", (await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync(Make("a/b")))).Type);
        await _soap.CallAsync(Make("a/b", "<createParentDirectories>true</createParentDirectories>"));
        Assert.Equal("FileAlreadyExists", (await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync(Make("a")))).Type);
        await File.WriteAllTextAsync(_host.LocalPath("[datastore1] a/b/c.txt"), "c");
        await _soap.SucceedAsync($"<DeleteDatastoreFile_Task>{Manager}<name>[datastore1] a</name></DeleteDatastoreFile_Task>");
        Assert.False(Directory.Exists(_host.LocalPath("[datastore1] a")));
        Assert.Equal("FileNotFound", await _soap.FailAsync($"<DeleteDatastoreFile_Task>{Manager}<name>[datastore1] a</name></DeleteDatastoreFile_Task>"));
    }

    [Fact]
    public async Task Disks_are_copied_byte_by_byte_and_come_out_thick_unless_told_otherwise()
    {
        var content = StreamVmdk.Sample(4, grains: 50);
        Directory.CreateDirectory(_host.LocalPath("[datastore1] a"));
        await File.WriteAllBytesAsync(_host.LocalPath("[datastore1] a/a.vmdk"), content);
        await _soap.SucceedAsync(Copy("a/a.vmdk", "a/thick.vmdk"));
        await _soap.SucceedAsync(Copy("a/a.vmdk", "a/thin.vmdk",
            "<destSpec xsi:type=\"FileBackedVirtualDiskSpec\"><diskType>thin</diskType><adapterType>lsiLogic</adapterType><capacityKb>0</capacityKb></destSpec>"));
        Assert.Equal(content, await File.ReadAllBytesAsync(_host.LocalPath("[datastore1] a/thin.vmdk")));
        var vm = await _soap.CreateAsync(_host, "vm", VmXml.Scsi + VmXml.OldDisk(0, "[datastore1] a/thick.vmdk") + VmXml.OldDisk(1, "[datastore1] a/thin.vmdk"));
        Assert.Equal([false, true], vm.Disks.Select(d => d.ThinProvisioned));
        Assert.All(vm.Disks, d => Assert.Equal(50 * 65536, d.CapacityBytes));
    }

    [Fact]
    public async Task A_copy_is_refused_where_a_host_refuses_it()
    {
        var vm = await _soap.CreateAsync(_host, "a", VmXml.Scsi + VmXml.NewDisk());
        await _soap.SucceedAsync(Copy("a/a.vmdk", "a/b.vmdk"));
        // The destination exists; a standalone host reports the source.
        Assert.Equal("FileNotFound", await _soap.FailAsync(Copy("a/a.vmdk", "a/b.vmdk", "<force>true</force>")));
        Assert.Equal("FileNotFound", await _soap.FailAsync(Copy("a/a.vmdk", "nowhere/b.vmdk")));
        Assert.Equal("FileNotFound", await _soap.FailAsync(Copy("a/none.vmdk", "a/c.vmdk")));
        await _soap.SucceedAsync(VmXml.Call("PowerOnVM_Task", vm.Id));
        Assert.Equal("FileLocked", await _soap.FailAsync(Copy("a/a.vmdk", "a/c.vmdk")));
        Assert.Equal("FileLocked", await _soap.FailAsync($"<DeleteVirtualDisk_Task>{Disks}<name>[datastore1] a/a.vmdk</name></DeleteVirtualDisk_Task>"));
        await _soap.SucceedAsync($"<DeleteVirtualDisk_Task>{Disks}<name>[datastore1] a/b.vmdk</name></DeleteVirtualDisk_Task>");
        _host.Faults.FillDatastore(1);
        await _soap.SucceedAsync(VmXml.Call("PowerOffVM_Task", vm.Id));
        Assert.Equal("NoDiskSpace", await _soap.FailAsync(Copy("a/a.vmdk", "a/c.vmdk")));
        Assert.Equal(["[datastore1] a/a.vmdk", "[datastore1] a/a.vmx"], _host.DatastoreFiles());
    }

    [Fact]
    public async Task The_browser_tells_what_was_asked_for()
    {
        Directory.CreateDirectory(_host.LocalPath("[datastore1] iso"));
        await File.WriteAllTextAsync(_host.LocalPath("[datastore1] iso/a.iso"), "12345");
        await File.WriteAllTextAsync(_host.LocalPath("[datastore1] iso/b.txt"), "");
        var browser = (await _soap.ReadAsync("Datastore", "5f3e1a20-0c1d2e3f-4a5b-000c29000001", "browser"))["browser"].Value;
        string Search(string method, string path, string spec) =>
            $"<{method}><_this type=\"HostDatastoreBrowser\">{browser}</_this><datastorePath>{path}</datastorePath><searchSpec>{spec}</searchSpec></{method}>";

        var plain = (await _soap.RunAsync(Search("SearchDatastore_Task", "[datastore1] iso", ""))).Element(RawSoap.Vim + "result")!;
        Assert.Equal(["a.iso", "b.txt"], plain.Descendants(RawSoap.Vim + "path").Select(p => p.Value));
        Assert.Empty(plain.Descendants(RawSoap.Vim + "fileSize"));

        var images = (await _soap.RunAsync(Search("SearchDatastoreSubFolders_Task", "[datastore1]",
            "<query xsi:type=\"IsoImageFileQuery\"/><details><fileType>true</fileType><fileSize>true</fileSize><modification>false</modification></details><matchPattern>*.iso</matchPattern>")))
            .Element(RawSoap.Vim + "result")!;
        Assert.Equal("ArrayOfHostDatastoreBrowserSearchResults", RawSoap.TypeOf(images));
        var file = images.Descendants(RawSoap.Vim + "file").Single();
        Assert.Equal(("IsoImageFileInfo", "5"), (RawSoap.TypeOf(file), file.Element(RawSoap.Vim + "fileSize")!.Value));
        Assert.Equal("FileNotFound", await _soap.FailAsync(Search("SearchDatastore_Task", "[datastore1] none", "")));
    }

    [Fact]
    public async Task The_environment_tells_drives_networks_and_guests()
    {
        const string browser = "<_this type=\"EnvironmentBrowser\">ha-env-browser</_this>";
        var target = await _soap.CallAsync($"<QueryConfigTarget>{browser}</QueryConfigTarget>");
        Assert.Single(target.Descendants(RawSoap.Vim + "cdRom"));
        Assert.Equal(["VM Network", "Lab"], target.Descendants(RawSoap.Vim + "network").Elements(RawSoap.Vim + "name").Select(n => n.Value).Distinct());
        var option = await _soap.CallAsync($"<QueryConfigOptionEx>{browser}<spec><guestId>windows2019srv_64Guest</guestId></spec></QueryConfigOptionEx>");
        var guest = option.Descendants(RawSoap.Vim + "guestOSDescriptor").Single();
        Assert.Equal(("VirtualAHCIController", "efi"), (guest.Element(RawSoap.Vim + "recommendedCdromController")!.Value, guest.Element(RawSoap.Vim + "recommendedFirmware")!.Value));
    }

    private static string Copy(string from, string to, string more = "") =>
        $"<CopyVirtualDisk_Task>{Disks}<sourceName>[datastore1] {from}</sourceName><destName>[datastore1] {to}</destName>{more}</CopyVirtualDisk_Task>";

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, byte[]? body = null, string? login = "cookie", bool chunked = false, string query = "dcPath=ha-datacenter&dsName=datastore1")
    {
        using var request = new HttpRequestMessage(method, $"{_host.HttpUrl}folder/{path}?{query}");
        if (body is not null)
            request.Content = new ByteArrayContent(body);
        request.Headers.TransferEncodingChunked = chunked;
        if (login == "cookie")
            request.Headers.Add("Cookie", _soap.Cookie);
        else if (login is not null)
            request.Headers.Authorization = AuthenticationHeaderValue.Parse(login);
        return await _http.SendAsync(request);
    }
}
