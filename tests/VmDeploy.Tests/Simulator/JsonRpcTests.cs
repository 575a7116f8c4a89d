using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using VmDeploy.Simulator.Xapi;
using Xunit;

namespace VmDeploy.Tests.Simulator;

/// <summary>XenAPI at <c>/jsonrpc</c>, in both documented versions.</summary>
public sealed class JsonRpcTests : IAsyncLifetime, IDisposable
{
    private readonly HttpClient _http = new();
    private XapiSimulator _host = null!;

    public async Task InitializeAsync() => _host = await XapiSimulator.StartAsync(new XapiSimulatorOptions { VmCount = 1 });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Version_2_answers_with_a_result_or_an_error_object()
    {
        var session = (string)(await CallAsync("2.0", "session.login_with_password", _host.UserName, _host.Password, "1.0", "test"))["result"]!;
        var vms = await CallAsync("2.0", "VM.get_all_records", session);
        Assert.Equal("2.0", (string)vms["jsonrpc"]!);
        Assert.False(vms.ContainsKey("error"));
        var (reference, vm) = vms["result"]!.AsObject().First(one => (string)one.Value!["name_label"]! == "vm-00001");
        Assert.True((long)vm!["memory_static_max"]! > 0);
        Assert.False((bool)vm["is_a_template"]!);

        // Integers are numbers here, and XML-RPC reads the value that was set.
        await CallAsync("2.0", "VM.set_memory_limits", session, reference, 64L << 20, 256L << 20, 256L << 20, 256L << 20);
        Assert.Equal(256L << 20, (long)(await CallAsync("2.0", "VM.get_memory_static_max", session, reference))["result"]!);

        var refused = await CallAsync("2.0", "VM.get_record", session, "OpaqueRef:none");
        Assert.False(refused.ContainsKey("result"));
        Assert.NotEqual(0, (int)refused["error"]!["code"]!);
        Assert.Equal("HANDLE_INVALID", (string)refused["error"]!["message"]!);
        Assert.Equal(["VM", "OpaqueRef:none"], refused["error"]!["data"]!.AsArray().Select(text => (string)text!));
    }

    [Fact]
    public async Task Version_1_answers_with_both_members_and_a_list_for_an_error()
    {
        var login = await CallAsync(null, "session.login_with_password", _host.UserName, "wrong", "1.0", "test");
        Assert.Null(login["result"]);
        Assert.Equal("SESSION_AUTHENTICATION_FAILED", (string)login["error"]![0]!);
        Assert.Equal("call", (string)login["id"]!);
        Assert.False(login.ContainsKey("jsonrpc"));
        login = await CallAsync(null, "session.login_with_password", _host.UserName, _host.Password, "1.0", "test");
        Assert.True(login.ContainsKey("error"));
        Assert.Null(login["error"]);
        Assert.StartsWith("OpaqueRef:", (string)login["result"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("""{ "jsonrpc": "2.0", "method": "session.login_with_password", "id": 0 }""")]
    [InlineData("""{ "jsonrpc": "2.0", "method": "pool.get_all", "params": ["x"], "id": null }""")]
    public async Task What_is_no_call_is_an_error_of_the_server(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.InternalServerError, (await _http.PostAsync(new Uri(_host.HttpUrl, "jsonrpc"), content)).StatusCode);
    }

    private async Task<JsonObject> CallAsync(string? version, string method, params object[] arguments)
    {
        var call = new JsonObject { ["method"] = method, ["params"] = new JsonArray([.. arguments.Select(one => JsonValue.Create(one))]), ["id"] = "call" };
        if (version is not null)
            call["jsonrpc"] = version;
        using var content = new StringContent(call.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(new Uri(_host.HttpUrl, "jsonrpc"), content);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
    }
}
