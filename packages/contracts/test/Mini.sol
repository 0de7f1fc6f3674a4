// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev The cheatcodes of forge that these tests use.
interface Vm {
    function addr(uint256 privateKey) external pure returns (address);
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function warp(uint256 timestamp) external;
    function chainId(uint256 id) external;
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function assume(bool condition) external pure;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function expectPartialRevert(bytes4 selector) external;
    function expectEmit(address emitter) external;
    function mockCallRevert(address callee, bytes calldata data, bytes calldata reverts) external;
    function clearMockedCalls() external;
    function etch(address target, bytes calldata code) external;
}

/// @dev What forge needs of a test, and no more: cheatcodes, assertions, bounds, and targets of invariants.
abstract contract Mini {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    // forge-lint: disable-next-line
    bool public IS_TEST = true;

    struct Selectors {
        address addr;
        bytes4[] selectors;
    }

    address[] private _targets;
    Selectors[] private _excluded;

    error Unequal(uint256 a, uint256 b, string what);
    error UnequalSigned(int256 a, int256 b, string what);
    error NotTrue(string what);

    function targetContracts() public view returns (address[] memory) {
        return _targets;
    }

    function excludeSelectors() public view returns (Selectors[] memory) {
        return _excluded;
    }

    /// @dev What an invariant calls and a run does not.
    function exclude(address contract_, bytes4 selector) internal {
        bytes4[] memory one = new bytes4[](1);
        one[0] = selector;
        _excluded.push(Selectors(contract_, one));
    }

    function target(address contract_) internal {
        _targets.push(contract_);
    }

    function equal(uint256 a, uint256 b, string memory what) internal pure {
        if (a != b) revert Unequal(a, b, what);
    }

    function equal(int256 a, int256 b, string memory what) internal pure {
        if (a != b) revert UnequalSigned(a, b, what);
    }

    function equal(address a, address b, string memory what) internal pure {
        if (a != b) revert Unequal(uint160(a), uint160(b), what);
    }

    function holds(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }

    /// @dev `x` folded into [least, greatest].
    function bound(uint256 x, uint256 least, uint256 greatest) internal pure returns (uint256) {
        return least + x % (greatest - least + 1);
    }
}

/// @dev Three keys in the order of their addresses, and what they sign.
abstract contract Keys is Mini {
    uint256[3] internal keys;
    uint256[3] internal settlementKeys;

    constructor() {
        keys = sorted([uint256(keccak256("one")), uint256(keccak256("two")), uint256(keccak256("three"))]);
        settlementKeys = sorted([uint256(keccak256("four")), uint256(keccak256("five")), uint256(keccak256("six"))]);
    }

    function sorted(uint256[3] memory seeds) private pure returns (uint256[3] memory) {
        for (uint256 i = 0; i < 3; ++i) {
            for (uint256 j = i + 1; j < 3; ++j) {
                if (vm.addr(seeds[j]) < vm.addr(seeds[i])) (seeds[i], seeds[j]) = (seeds[j], seeds[i]);
            }
        }
        return seeds;
    }

    function signers() internal view returns (address[] memory) {
        return addresses(keys);
    }

    function settlers() internal view returns (address[] memory) {
        return addresses(settlementKeys);
    }

    function addresses(uint256[3] memory of_) private pure returns (address[] memory list) {
        list = new address[](3);
        for (uint256 i = 0; i < 3; ++i) {
            list[i] = vm.addr(of_[i]);
        }
    }

    function signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function signatures(bytes32 digest, uint256 first, uint256 second) internal pure returns (bytes[] memory list) {
        list = new bytes[](2);
        list[0] = signature(first, digest);
        list[1] = signature(second, digest);
    }
}
