using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Inventory;

/// <summary>What the products report about themselves.</summary>
internal static class About
{
    private const string Build = "22380479";

    public static DataObject OfServer(EsxiHost host) => host.IsVCenter ? OfVCenter(host) : OfHost(host);

    public static DataObject OfHost(EsxiHost host)
    {
        var about = Of(host, "VMware ESXi");
        about["osType"] = "vmnix-x86";
        about["productLineId"] = "embeddedEsx";
        about["apiType"] = "HostAgent";
        about["licenseProductName"] = "VMware ESX Server";
        return about;
    }

    private static DataObject OfVCenter(EsxiHost host)
    {
        var about = Of(host, "VMware vCenter Server");
        about["osType"] = "linux-x64";
        about["productLineId"] = "vpx";
        about["apiType"] = "VirtualCenter";
        about["instanceUuid"] = host.InstanceUuid;
        about["licenseProductName"] = "VMware VirtualCenter Server";
        return about;
    }

    private static DataObject Of(EsxiHost host, string name) => new("AboutInfo")
    {
        ["name"] = name,
        ["fullName"] = $"{name} {host.Versions.Product} build-{Build}",
        ["vendor"] = "VMware, Inc.",
        ["version"] = host.Versions.Product,
        ["build"] = Build,
        ["localeVersion"] = "INTL",
        ["localeBuild"] = "000",
        ["apiVersion"] = host.Versions.Newest,
        ["licenseProductVersion"] = host.Versions.Product[..host.Versions.Product.LastIndexOf('.')],
    };
}
