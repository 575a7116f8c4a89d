using System.Net;
using VmDeploy.Simulator.Esxi;
using Xunit;

namespace VmDeploy.Tests.Simulator;

public sealed class FaultEndpointTests
{
    private const string Clock = "<CurrentTime><_this type=\"ServiceInstance\">ServiceInstance</_this></CurrentTime>";

    [Fact]
    public async Task Faults_are_ordered_over_http_where_that_is_on()
    {
        await using var host = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { FaultEndpoint = true });
        using var soap = await RawSoap.LoginAsync(host);
        using var http = new HttpClient { BaseAddress = host.HttpUrl };
        Assert.Equal(HttpStatusCode.OK, (await http.PostAsync("simulator/faults/fail-method?method=CurrentTime&fault=TaskInProgress", null)).StatusCode);
        Assert.Equal("TaskInProgress", (await Assert.ThrowsAsync<RawFault>(() => soap.CallAsync(Clock))).Type);
        await soap.CallAsync(Clock);
    }

    [Theory]
    [InlineData("fail-method?method=CurrentTime", "fault is missing")]
    [InlineData("fail-method?method=CurrentTime&fault=NoSuchFault", "NoSuchFault")]
    [InlineData("fail-method?method=NoSuchMethod&fault=NotSupported", "NoSuchMethod")]
    [InlineData("cut-upload?at=x", "at is no number")]
    public async Task A_wrong_order_is_named(string order, string named)
    {
        await using var host = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { FaultEndpoint = true });
        using var http = new HttpClient { BaseAddress = host.HttpUrl };
        using var reply = await http.PostAsync("simulator/faults/" + order, null);
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        Assert.Contains(named, await reply.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Without_the_option_there_is_no_such_address()
    {
        await using var host = await EsxiSimulator.StartAsync();
        using var http = new HttpClient { BaseAddress = host.HttpUrl };
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("simulator/faults")).StatusCode);
    }
}
