// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CollateralVault} from "../contracts/CollateralVault.sol";
import {CreditBook} from "../contracts/CreditBook.sol";
import {LimitBook} from "../contracts/LimitBook.sol";
import {VaultSettlements} from "../contracts/VaultSettlements.sol";
import {MarkDownTest} from "./MarkDownTest.sol";
import {VaultTest} from "./VaultTest.sol";

/// @dev What forge can say of the call before.
interface VmGas {
    struct Gas {
        uint64 gasLimit;
        uint64 gasTotalUsed;
        uint64 gasMemoryUsed;
        int64 gasRefunded;
        uint64 gasRemaining;
    }

    function lastCallGas() external view returns (Gas memory);
}

/// @dev Gas of what is posted, 2 of 3 signatures each. Run by scripts/gas.ts, each call as a transaction of its own.
contract BookGas is MarkDownTest {
    event log_named_uint(string key, uint256 val);

    function setUp() public {
        deployPriced();
    }

    function test_gas() public {
        LimitBook.Limit memory it = limit(1, 100e18);
        bytes[] memory list = signed(it);
        book.accept(it, list);
        emit log_named_uint("accept a first certificate", used());
        it = limit(2, 200e18);
        list = signed(it);
        book.accept(it, list);
        emit log_named_uint("accept a raise", used());
        it = limit(3, 50e18);
        list = signed(it);
        book.accept(it, list);
        emit log_named_uint("accept a cut", used());
        CreditBook.Evidence memory two = evidence(0.001e18, 100_000);
        CreditBook.MarkDown memory order = markDown(1, 50e18, two);
        list = signed(order);
        book.markDown(order, two, list);
        emit log_named_uint("mark down, two lots", used());
    }

    function used() private view returns (uint256) {
        return VmGas(address(vm)).lastCallGas().gasTotalUsed;
    }
}

contract VaultGas is VaultTest {
    event log_named_uint(string key, uint256 val);

    function setUp() public {
        deployVault();
    }

    function test_gas() public {
        token.mint(alice, 20e6);
        vm.startPrank(alice);
        token.approve(address(vault), 20e6);
        vault.deposit(address(token), 10e6);
        emit log_named_uint("deposit, a first", used());
        vault.deposit(address(token), 10e6);
        emit log_named_uint("deposit, another", used());
        vault.enableEscrow(address(token), VENUE_CHAIN, venue, escrow, 9e6);
        emit log_named_uint("enable an escrow", used());
        vm.stopPrank();
        CollateralVault.Release memory one = order("1", alice, 1e6);
        bytes[] memory list = signed(one);
        vault.release(one, list);
        emit log_named_uint("release", used());
        VaultSettlements.Settlement memory it = claim("1", alice, 4e6);
        list = signed(it);
        vault.queueSettlement(it, list);
        emit log_named_uint("queue a settlement", used());
        vm.warp(START + CHALLENGE);
        vault.paySettlement("1");
        emit log_named_uint("pay a settlement", used());
        vm.startPrank(alice);
        vault.requestEscape(address(token), 5e6);
        emit log_named_uint("request an escape", used());
        vm.warp(START + CHALLENGE + DELAY);
        vault.executeEscape(address(token), alice);
        emit log_named_uint("execute an escape", used());
        vm.stopPrank();
    }

    function used() private view returns (uint256) {
        return VmGas(address(vm)).lastCallGas().gasTotalUsed;
    }
}
